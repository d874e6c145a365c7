/** The conformance runner of Kotlin. `tests/conformance/README.md` describes what it reads and prints. */
package lpchat.conformance

import java.lang.reflect.Modifier
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.runBlocking
import lpchat.Json
import lpchat.LpchatException

/** A result in the form that the driver compares. */
private fun plain(value: Any?): Any? = when (value) {
    null, is Boolean, is Number, is String, is Json -> value
    is Unit -> null
    is Instant -> value.toEpochMilli()
    is Duration -> value.toNanos() / 1e6
    is List<*> -> value.map(::plain)
    is Map<*, *> -> value.mapValues { plain(it.value) }
    else -> if (Modifier.isAbstract(value.javaClass.superclass.modifiers)) wireText(value) else members(value)
}

/** The text of an open enumeration, whose values are classes of their own. */
private fun wireText(value: Any): Any = value.javaClass.getMethod("getText").invoke(value)

/** A record's fields by their names in snake case. */
private fun members(record: Any): Map<String, Any?> = record.javaClass.declaredFields
    .filterNot { Modifier.isStatic(it.modifiers) }
    .onEach { it.isAccessible = true }
    .associate { field -> field.name.replace(Regex("[A-Z]")) { "_${it.value.lowercase()}" } to plain(field.get(record)) }

private fun json(value: Any?): String = when (value) {
    is Map<*, *> -> value.entries.joinToString(",", "{", "}") { (name, inner) -> "${json(name)}:${json(inner)}" }
    is List<*> -> value.joinToString(",", "[", "]", transform = ::json)
    // Outside of texts, where no line ends, one blank is as good as another.
    is Json -> value.text.replace('\n', ' ').replace('\r', ' ')
    is String -> value.map(::escaped).joinToString("", "\"", "\"")
    else -> value.toString()
}

private fun escaped(character: Char): String = when {
    character == '"' || character == '\\' -> "\\$character"
    character < ' ' || character.isSurrogate() -> "\\u%04x".format(character.code)
    else -> character.toString()
}

/** The objects that commands have named. */
private val objects = mutableMapOf<String, Any>()

/** How a result or an error prints, where the driver searches for secrets. */
private fun show(printed: String) = System.err.println("log ${json(printed)}")

private suspend fun answer(command: Command, suspending: Boolean): Map<String, Any?> = try {
    val result = call(command.operation, objects[command.on], command.arguments, command.options, suspending)
    // A text is its own value.
    if (result !is String) show(result.toString())
    if (result is AutoCloseable) {
        command.keep?.let { objects[it] = result }
        mapOf("ok" to mapOf("object" to result.javaClass.simpleName))
    } else {
        mapOf("ok" to plain(result))
    }
} catch (error: LpchatException) {
    show(error.stackTraceToString())
    mapOf("error" to members(error.details) + ("family" to error.javaClass.simpleName))
}

/** Blocking and suspending forms take turns. */
fun main() = runBlocking {
    generateSequence(::readlnOrNull).forEachIndexed { turn, line -> println(json(answer(Command(line), turn % 2 == 1))) }
}
