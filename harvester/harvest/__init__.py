"""The job: prelude, discover, plan, fan out, close. The only place where bitly and store meet."""
