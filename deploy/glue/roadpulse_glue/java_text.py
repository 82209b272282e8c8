"""What Java's String.strip() takes for white space: not the no-break spaces, of which the dataset has some."""

JAVA_WHITESPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \u1680\u2028\u2029\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B) if code != 0x2007
)


def strip(text):
    return text.strip(JAVA_WHITESPACE)
