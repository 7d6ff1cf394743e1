// Tables and lists of fields as text. Any privilege; pure.
//
// On a terminal, cells that do not fit its width are cut, the widest column first, and end with
// ".."; a last column of sentences and the values of fields are wrapped instead. If no width is
// given (a pipe, a file) nothing is cut or wrapped. A column or field that is a verdict may be
// coloured (base/verdict_colour.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sifguard {

using TableRow = std::vector<std::string>;

enum class Colour { none, verdicts };

/// The number of columns of `text`: it counts code points, which is wrong only for wide and
/// combining characters.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Aligned columns with two blanks between them, one line for each row; cells are escaped here. A
/// row may be shorter than the header, never longer. `width` is the terminal's, in columns; a
/// column keeps at least eight, so that a very narrow terminal wraps.
[[nodiscard]] std::string format_table(const TableRow& header, const std::vector<TableRow>& rows,
                                       std::optional<std::size_t> width,
                                       Colour colour = Colour::none);

/// One "name value" pair on each line, with values aligned and escaped; a pair without a value is
/// left out. With a `width`, a longer value goes on below itself, broken at blanks and nowhere
/// else.
[[nodiscard]] std::string format_fields(
    const std::vector<std::pair<std::string, std::string>>& fields,
    std::optional<std::size_t> width, Colour colour = Colour::none);

}  // namespace sifguard
