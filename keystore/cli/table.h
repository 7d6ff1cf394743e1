// Tables and lists of fields as text. Any privilege; pure.
//
// A terminal's lines are as wide as it says: what does not fit is cut there, the widest column
// first, and ends with ".."; a last column of sentences goes on below itself instead. Where no
// width is given (a pipe, a file) everything stays whole. Verdicts may have their colours
// (base/verdict_colour.h), where a column or field is one.
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

/// Columns that `text` takes: code points, which is right for all but wide and combining
/// characters.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Aligned columns, two blanks between them, a line a row; cells are escaped here. A row may be
/// shorter than the header, never longer. `width` is the terminal's, in columns; a column keeps at
/// least eight, so that a very narrow terminal wraps.
[[nodiscard]] std::string format_table(const TableRow& header, const std::vector<TableRow>& rows,
                                       std::optional<std::size_t> width,
                                       Colour colour = Colour::none);

/// One "name  value" a line, values aligned and escaped; a pair without a value is left out.
[[nodiscard]] std::string format_fields(
    const std::vector<std::pair<std::string, std::string>>& fields, Colour colour = Colour::none);

}  // namespace sifguard
