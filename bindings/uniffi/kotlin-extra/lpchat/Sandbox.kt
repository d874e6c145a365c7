package lpchat

import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.time.Duration
import java.time.LocalDate
import java.util.concurrent.TimeUnit

/**
 * A running `lpchat-sandbox`, the emulator of the service. It ends when it is closed, or with this process.
 *
 * ```kotlin
 * Sandbox.start(seed = 7).use { sandbox -> Client(sandbox.config).use { client -> … } }
 * ```
 */
class Sandbox private constructor(
    private val process: Process,
    /** The line of JSON that it printed. It holds the sandbox's credentials. */
    val line: String,
) : AutoCloseable {
    /** Options of a client that talks to this sandbox and to nothing else. */
    val config: ClientOptions = ClientOptions(sandbox = line)

    /** The address of the sandbox, such as `http://127.0.0.1:43121`. */
    val origin: String = member("domain_origin")

    /** A member of the configuration [line] whose value is text. */
    fun member(name: String): String {
        val found = Regex("\"${Regex.escape(name)}\"\\s*:\\s*\"([^\"\\\\]*)\"").find(line)
        return requireNotNull(found) { "The sandbox's configuration has no text named $name." }.groupValues[1]
    }

    /** Moves the sandbox's clock forward; what falls due meanwhile happens. */
    fun advance(time: Duration) {
        admin("POST", "/admin/clock", """{"advance_ms": ${time.toMillis()}}""")
    }

    /** Calls the sandbox's admin interface, which its README describes, and gives the answer's JSON. */
    @JvmOverloads
    fun admin(method: String, path: String, body: String? = null): String {
        val content = body?.let(HttpRequest.BodyPublishers::ofString) ?: HttpRequest.BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(URI.create(origin + path)).method(method, content)
            .header("Content-Type", "application/json").timeout(Duration.ofSeconds(30)).build()
        val answer = http.send(request, HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() < 300) { "$method $path: HTTP ${answer.statusCode()} ${answer.body()}" }
        return answer.body()
    }

    /** Ends the sandbox. */
    override fun close() {
        process.outputStream.close()
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly()
    }

    override fun toString(): String = "Sandbox($origin)"

    companion object {
        private val http: HttpClient by lazy { HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build() }

        /**
         * Starts a sandbox on a free port of the loopback interface.
         *
         * @param seed the same seed gives the same data and ids
         * @param engagements how many engagements its history holds
         * @param baseDate the sandbox's today; generated history lies before it
         * @param switches behaviour where the service's is uncertain; `lpchat-sandbox --list-switches` names them
         * @param data a file to keep the history in; memory when absent
         * @param executable the emulator; the variable `LPCHAT_SANDBOX`, else `lpchat-sandbox` on the path, when absent
         */
        @JvmStatic
        @JvmOverloads
        fun start(
            seed: Long? = null,
            engagements: Int? = null,
            baseDate: LocalDate? = null,
            switches: Map<String, String> = emptyMap(),
            data: Path? = null,
            executable: Path? = null,
        ): Sandbox {
            val named = executable?.toString() ?: System.getenv("LPCHAT_SANDBOX") ?: "lpchat-sandbox"
            val options = listOf("--seed" to seed, "--engagements" to engagements, "--base-date" to baseDate, "--data" to data)
            val given = options.filter { it.second != null }.flatMap { (name, value) -> listOf(name, value.toString()) }
            val process = launch(listOf(named, "--port", "0") + given + switches.flatMap { (name, value) -> listOf("--switch", "$name=$value") })
            val line = process.inputStream.bufferedReader().readLine()
            if (line == null) {
                val complaint = process.errorStream.bufferedReader().readText().trim()
                throw IOException("lpchat-sandbox did not start (exit code ${process.waitFor()}): $complaint")
            }
            process.errorStream.close()
            return Sandbox(process, line)
        }

        private fun launch(command: List<String>): Process = try {
            ProcessBuilder(command).start()
        } catch (error: IOException) {
            throw IOException(
                "The executable lpchat-sandbox was not found: it is named by the variable LPCHAT_SANDBOX, or looked for on PATH " +
                    "(`cargo build -p lpchat-sandbox` makes it).",
                error,
            )
        }
    }
}
