/** Node 20.0 to 20.4 lack this symbol. Compilers that turn `await using` into older syntax look it up the same way. */
(Symbol as { asyncDispose?: symbol }).asyncDispose ??= Symbol('Symbol.asyncDispose');
