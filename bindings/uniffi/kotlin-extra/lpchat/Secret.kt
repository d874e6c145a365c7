package lpchat

import java.security.MessageDigest

/** A credential. It does not print, and compares in constant time. */
class Secret(private val value: String) {
    /** The credential itself. */
    fun expose(): String = value

    override fun equals(other: Any?): Boolean =
        other is Secret && MessageDigest.isEqual(value.toByteArray(), other.value.toByteArray())

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = "Secret(…)"
}
