"""What a person types: one small module per command. The only place that builds things."""
