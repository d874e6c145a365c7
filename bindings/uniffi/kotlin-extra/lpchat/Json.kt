package lpchat

/** The source of a JSON value: [text] has all of it, [toString] tells its length only. */
class Json(
    /** The JSON text. */
    val text: String,
) {
    override fun equals(other: Any?): Boolean = other is Json && text == other.text

    override fun hashCode(): Int = text.hashCode()

    override fun toString(): String = "Json(${text.length} characters)"
}
