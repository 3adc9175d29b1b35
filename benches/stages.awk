# Where the time of a run goes: by the first of these parts that the stack of a sample is in. Reads what
# `perf script -F ip,sym` prints of a build with line tables (docs/performance.md has the commands).

function part_of(stack) {
    if (stack ~ /countersign::reference::|hyper::proto::h2::server|h2::server/) return "exchange: the server's end"
    if (stack ~ /countersign::wire::|hyper::proto::h2::client|h2::client/) return "exchange: our end"
    if (stack ~ /countersign::credentials::|Player::authorized|Player::bare/) return "credentials"
    if (stack ~ /countersign::client::/) return "client: turns, and answers seen before"
    if (stack ~ /judge_cases/) return "judge"
    if (stack ~ /find_siblings|sibling_places/) return "judge: what cases are compared with"
    if (stack ~ /play_batch|Lab|engine::batch|engine::talk/) return "table: sharing out asks, keeping what was seen"
    if (stack ~ /engine::plan|spec::space/) return "plan"
    if (stack ~ /engine::run::/) return "rest of the engine: which cases there are"
    if (stack ~ /countersign::yaml|spec::lower/) return "reading the specs"
    if (stack ~ /countersign::/) return "report, and the command"
    return "runtime: waiting for sockets, waking"
}

function count() {
    if (stack == "") return
    samples++
    parts[part_of(stack)]++
    stack = ""
}

NF == 0 { count(); next }
{ $1 = ""; stack = stack $0 "\n" }
END {
    count()
    for (part in parts) printf "%5.1f %%  %s\n", 100 * parts[part] / samples, part | "sort -rn"
}
