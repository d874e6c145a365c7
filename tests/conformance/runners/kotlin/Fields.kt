package lpchat.conformance

import java.time.Duration
import java.time.Instant
import lpchat.CallOptions

/** A line of the driver, taken apart. */
internal class Command(line: String) {
    val operation: String
    val on: String?
    val keep: String?
    val arguments: Fields
    val options: CallOptions

    init {
        val fields = line.split('\t').map(::unescape)
        val pairs = fields.drop(1).map { it.substringBefore('=') to it.substringAfter('=') }
        val (signs, values) = pairs.partition { it.first in setOf("@", ">") }
        // Without the letter of its type.
        val (options, arguments) = values.map { (key, value) -> key to value.substringAfter(':') }.partition { it.first.startsWith('?') }
        operation = fields.first()
        on = signs.toMap()["@"]
        keep = signs.toMap()[">"]
        this.arguments = Fields(arguments.toMap())
        this.options = readCallOptions(Fields(options.associate { (key, value) -> key.drop(1) to value }), "")
    }

    private fun unescape(field: String) = Regex("""\\(.)""").replace(field) { found ->
        when (val letter = found.groupValues[1]) {
            "t" -> "\t"
            "n" -> "\n"
            else -> letter
        }
    }
}

/** Values by their path; null where no field speaks of it. */
internal class Fields(private val values: Map<String, String>) {
    fun text(path: String): String? = values[path]

    fun whole(path: String): Long? = values[path]?.toLong()

    fun number(path: String): Double? = values[path]?.toDouble()

    fun truth(path: String): Boolean? = values[path]?.let { it == "true" }

    fun time(path: String): Instant? = whole(path)?.let(Instant::ofEpochMilli)

    fun duration(path: String): Duration? = number(path)?.let { Duration.ofNanos((it * 1_000_000).toLong()) }

    fun map(path: String): Map<String, String> =
        values.filterKeys { it.startsWith("$path.") }.mapKeys { (key, _) -> key.removePrefix("$path.") }

    fun <T : Any> list(path: String, read: (String) -> T?): List<T> =
        generateSequence(0) { it + 1 }.map { read("$path.$it") }.takeWhile { it != null }.filterNotNull().toList()

    fun <T> below(path: String, read: (String) -> T): T? = if (map(path).isEmpty()) null else read(path)
}

internal fun join(path: String, name: String): String = if (path.isEmpty()) name else "$path.$name"
