#!/bin/bash
# standard_headers.sh TREE: each source includes the standard header of every standard name that it uses, itself or
# through a header of ours. Reads sources only. Which standard header includes which other differs from one release of
# a compiler to the next: what leans on that builds here and not there.
set -euo pipefail
cd "$1"

# Header, or headers any of which the standard lets give the names: names in std::, as regular expressions.
table='
cstdint                      u?int(_fast|_least)?(8|16|32|64|max|ptr)_t
cstddef                      byte|nullptr_t|max_align_t|ptrdiff_t
limits                       numeric_limits
string                       string|to_string|sto(i|l|ul|ll|ull|d)|getline|char_traits
string_view|string           string_view
vector                       vector
array                        array|to_array
span                         span|as_bytes|as_writable_bytes|dynamic_extent
optional                     optional|nullopt|make_optional
memory                       (unique|shared|weak)_ptr|make_(unique|shared)|addressof|to_address
functional                   function|reference_wrapper|greater|less|plus|bind_front|invoke|c?ref|identity
algorithm                    find(_if|_if_not|_first_of|_end)|(stable_)?sort|(any|all|none)_of|count_if|copy(_if|_n)?|fill(_n)?
algorithm                    re(place|move)_if|reverse|rotate|search|unique|(lower|upper)_bound|equal_range|binary_search
algorithm                    min|max|minmax|clamp|(min|max)_element|mismatch|equal|for_each|generate|includes|is_sorted
algorithm                    set_(union|difference|intersection)|adjacent_find|(stable_)?partition|nth_element|merge
algorithm|ranges             ranges::[a-z_]+
algorithm|cstdio             remove
numeric                      accumulate|iota|reduce|gcd|lcm|midpoint
map                          (multi)?map
set                          (multi)?set
unordered_map                unordered_map
unordered_set                unordered_set
deque                        deque
list                         list
queue                        (priority_)?queue
variant                      variant|visit|holds_alternative|get_if|monostate
tuple                        tuple|tie|make_tuple|apply|forward_as_tuple
utility|map                  pair|make_pair
utility                      exchange|declval|move|forward|as_const|in_range|cmp_(less|greater)(_equal)?|(make_)?index_sequence
thread                       j?thread|this_thread
mutex                        mutex|(lock_guard|unique_lock|scoped_lock)|call_once|once_flag
atomic                       atomic(_[a-z_]+)?|memory_order[a-z_]*
condition_variable           condition_variable
future                       future|async|promise
chrono                       chrono
filesystem                   filesystem
regex                        regex
sstream                      [io]?stringstream
fstream                      [io]?fstream
iostream                     c(out|err|in|log)
ostream|iostream             endl|flush
ios|[io]?fstream|sstream|[io]ostream|istream|ostream      ios|ios_base|streamsize|streamoff|hex
iomanip                      set(w|fill|precision)|quoted|(put|get)_time
iterator                     (back_|front_)?inserter|[io]streambuf_iterator|[io]stream_iterator|make_move_iterator
cstdlib                      getenv|strto(l|ul|ll|ull|d)|abort|exit|_Exit|free|malloc|atexit|qsort|abs
cstring                      mem(cpy|set|cmp|move|chr)|str(len|n?cmp|r?chr|str|error|ncpy)
cstdio                       FILE|(fp|sn|vsn)?printf|fputs|fwrite|fread|fopen|fclose|fflush|puts|perror|fgets|putchar|rename
cctype                       is(digit|alpha|alnum|space|xdigit|print|cntrl|punct)|to(upper|lower)
ctime|chrono                 time_t|tm
ctime                        time|gmtime|strftime|mktime|localtime|timespec|clock
charconv                     (to|from)_chars(_result)?|chars_format
system_error|charconv        errc
system_error|filesystem      error_code|system_error|(generic|system)_category
stdexcept                    runtime_error|logic_error|invalid_argument|out_of_range|length_error
exception                    exception|exception_ptr|current_exception|terminate|uncaught_exceptions
new                          nothrow|bad_alloc|launder|align_val_t
type_traits                  [a-z_]+_v|(enable_if|decay|underlying_type|conditional|invoke_result|(make_|remove_|add_)[a-z]+)_t
type_traits                  true_type|false_type|integral_constant|is_constant_evaluated
concepts                     same_as|integral|convertible_to|invocable|derived_from|unsigned_integral|regular
initializer_list|string(_view)?|vector|array|map|set|span|algorithm|utility    initializer_list
bit                          bit_(cast|width|ceil|floor)|endian|count[lr]_(zero|one)|popcount|has_single_bit|rot[lr]
random                       mt19937(_64)?|random_device|uniform_int_distribution
csignal                      sig_atomic_t|raise|signal
cmath                        sqrt|pow|floor|ceil|round|isfinite|isnan|lround
compare                      (strong|weak|partial)_ordering
bitset                       bitset
any                          any|any_cast
'

mapfile -t files < <(find keystore helper spank_plugin tests -name '*.cc' -o -name '*.h' | sort)
((${#files[@]})) || { echo "no source found: is $1 the tree?" >&2; exit 1; }

# shellcheck disable=SC2016  # the program is awk's
table=$table awk '
    BEGIN {
        rules = split(ENVIRON["table"], lines, "\n")
        for (r = 1; r <= rules; r++) {
            split(lines[r], row, " ")
            header[r] = row[1]
            # A line without names matches nothing.
            names[r] = row[2] == "" ? "^$" : "(^|[^A-Za-z0-9_])std::(" row[2] ")([^A-Za-z0-9_:]|::|$)"
        }
    }
    FNR == 1 { file[++files] = FILENAME; folder = FILENAME; sub(/[^\/]*$/, "", folder) }
    /^[ \t]*#[ \t]*include[ \t]*</ { split($0, part, /[<>]/); standard[FILENAME] = standard[FILENAME] part[2] " "; next }
    /^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); ours[FILENAME] = ours[FILENAME] part[2] " " folder part[2] " "; next }
    {
        sub(/\/\/.*/, "")
        if ($0 !~ /std::/) next
        for (r = 1; r <= rules; r++) if (!((FILENAME, r) in line) && $0 ~ names[r]) line[FILENAME, r] = FNR
    }
    function reaches(from, wanted, visit,    next_one, count, i) {
        if ((from, visit) in seen) return 0
        seen[from, visit] = 1
        if (" " standard[from] ~ " (" wanted ") ") return 1
        count = split(ours[from], next_one, " ")
        for (i = 1; i <= count; i++) if (reaches(next_one[i], wanted, visit)) return 1
        return 0
    }
    END {
        for (f = 1; f <= files; f++)
            for (r = 1; r <= rules; r++)
                if ((file[f], r) in line && !reaches(file[f], header[r], ++visits)) {
                    print file[f] ":" line[file[f], r] ": uses names of <" header[r] ">, which neither it nor a header of ours includes"
                    wrong = 1
                }
        exit wrong
    }
' "${files[@]}" >&2
