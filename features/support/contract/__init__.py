"""What every answer must keep, and requests that try it: the API document, malformed bytes, tokens."""
