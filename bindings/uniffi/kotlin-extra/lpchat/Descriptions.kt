package lpchat

/** The error for people: operation, message, what the service said, what to do about it. */
internal fun ErrorDetails.describe(): String {
    val said = listOfNotNull(httpStatus?.let { "HTTP $it" }, serviceCode?.let { "code $it" })
    return buildString {
        if (operation.isNotEmpty()) append(operation).append(": ")
        append(spoken(message))
        if (said.isNotEmpty()) append(said.joinToString(prefix = " [", postfix = "]"))
        serviceMessage?.let { append(" The service says: ").append(it) }
        if (hint.isNotEmpty()) append(" Hint: ").append(spoken(hint))
    }
}

/** Names stand between backticks: the core's `max_wait_time_seconds` is `maxWaitTimeSeconds` here. */
private fun spoken(text: String): String = Regex("`[a-z][\\w.\\[\\]]*`").replace(text) { name ->
    Regex("_([a-z0-9])").replace(name.value) { it.groupValues[1].uppercase() }
}

/** A record that may hold a credential, by the names of the fields that are set. */
internal fun describeFields(name: String, vararg fields: Pair<String, Any?>): String {
    fun isSet(value: Any?) = when (value) {
        null -> false
        is Collection<*> -> value.isNotEmpty()
        is Map<*, *> -> value.isNotEmpty()
        is Boolean -> value
        else -> true
    }
    return fields.filter { isSet(it.second) }.joinToString(prefix = "$name(", postfix = ")") { it.first }
}
