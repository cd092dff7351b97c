"""QR codes: what they are, and how they were scanned. A group's are listed by `groups.qr_codes`."""

from typing import Unpack

from harvester.bitly.api.resource import Resource, Sized, Span
from harvester.bitly.shapes import (
    CityScanMetrics,
    QrCode,
    QrCodeImage,
    ScanMetrics,
    ScanSeries,
    ScanSummary,
)


class QrCodes(Resource):
    """`/qr-codes`."""

    async def get(self, qrcode_id: str) -> QrCode:
        """Return what Bitly tells of a QR code."""
        return await self._get("/qr-codes/{qrcode_id}", QrCode, qrcode_id)

    async def image(self, qrcode_id: str, format: str | None = None) -> QrCodeImage:  # noqa: A002 - Bitly's name
        """Return the picture, as `svg` or `png`, in a data URI."""
        path = "/qr-codes/{qrcode_id}/image"
        return await self._get(path, QrCodeImage, qrcode_id, {"format": format})

    async def scans(self, qrcode_id: str, **span: Unpack[Span]) -> ScanSeries:
        """Return the scans bucket by bucket."""
        return await self._get("/qr-codes/{qrcode_id}/scans", ScanSeries, qrcode_id, span)

    async def scans_summary(self, qrcode_id: str, **span: Unpack[Span]) -> ScanSummary:
        """Return the scans of the whole span."""
        return await self._get("/qr-codes/{qrcode_id}/scans/summary", ScanSummary, qrcode_id, span)

    async def countries(self, qrcode_id: str, **span: Unpack[Sized]) -> ScanMetrics:
        """Return the scans by country."""
        path = "/qr-codes/{qrcode_id}/scans/countries"
        return await self._get(path, ScanMetrics, qrcode_id, span)

    async def cities(self, qrcode_id: str, **span: Unpack[Sized]) -> CityScanMetrics:
        """Return the scans by city."""
        path = "/qr-codes/{qrcode_id}/scans/cities"
        return await self._get(path, CityScanMetrics, qrcode_id, span)

    async def device_os(self, qrcode_id: str, **span: Unpack[Sized]) -> ScanMetrics:
        """Return the scans by operating system."""
        path = "/qr-codes/{qrcode_id}/scans/device_os"
        return await self._get(path, ScanMetrics, qrcode_id, span)

    async def browsers(self, qrcode_id: str, **span: Unpack[Sized]) -> ScanMetrics:
        """Return the scans by browser."""
        path = "/qr-codes/{qrcode_id}/scans/browsers"
        return await self._get(path, ScanMetrics, qrcode_id, span)
