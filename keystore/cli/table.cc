// Tables and lists of fields as text. Any privilege; pure.
#include "keystore/cli/table.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "keystore/base/contains.h"
#include "keystore/base/one_line.h"
#include "keystore/base/verdict_colour.h"

namespace sifguard {
namespace {

constexpr std::size_t kBetween = 2;  // blanks from one column to the next
constexpr std::size_t kNarrowest = 8;
constexpr std::string_view kCut = "..";
// What they say are our own words. All others may be an admin's, or an attacker's.
constexpr std::array<std::string_view, 2> kVerdictColumns = {"STATE", "SEVERITY"};
// A last column of sentences, whose end says what to do.
constexpr std::array<std::string_view, 1> kProseColumns = {"WHAT, AND WHAT TO DO"};
constexpr std::array<std::string_view, 2> kVerdictFields = {"state", "key state"};
constexpr std::array<std::string_view, 2> kNamedByVerdict = {"allowed", "refused"};

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::vector<std::size_t> widest_cells(std::size_t columns, const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths(columns, 0);
  for (const TableRow& row : rows) {
    for (std::size_t i = 0; i < row.size() && i < columns; ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  return widths;
}

void narrow(std::vector<std::size_t>& widths, std::size_t width) {
  const std::size_t between = kBetween * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), between) > width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

/// How many bytes the first `characters` of `text` are.
std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && seen++ == characters) break;
  }
  return end;
}

std::string cut(const std::string& cell, std::size_t width) {
  if (columns_of(cell) <= width) return cell;
  return cell.substr(0, bytes_of(cell, width - kCut.size())).append(kCut);
}

/// What of `rest` fits in one line, up to a blank where there is one; the others stay in `rest`.
std::string take_piece(std::string& rest, std::size_t width) {
  if (columns_of(rest) <= width) return std::exchange(rest, {});
  std::size_t end = bytes_of(rest, width);
  const std::size_t blank = rest.rfind(' ', end);
  const bool between = blank != std::string::npos && blank > 0;
  if (between) end = blank;
  std::string piece = rest.substr(0, end);
  rest.erase(0, between ? end + 1 : end);
  return piece;
}

/// The lines of a value that begins at column `indent`: broken at blanks only, so that what is
/// copied from the terminal, a digest or a path, stays in one piece.
std::string wrapped_value(std::string rest, std::size_t indent, std::size_t width) {
  std::string text;
  const std::size_t room = width > indent + kNarrowest ? width - indent : kNarrowest;
  while (columns_of(rest) > room) {
    const std::size_t fitting = bytes_of(rest, room);
    std::size_t blank = rest.rfind(' ', fitting);
    if (blank == std::string::npos || blank == 0) blank = rest.find(' ', fitting);
    if (blank == std::string::npos) break;
    text += rest.substr(0, blank) + "\n" + std::string(indent, ' ');
    rest.erase(0, blank + 1);
  }
  return text + rest;
}

/// The row, and below it what of its prose does not fit beside the other columns.
std::vector<TableRow> wrapped(const TableRow& header, TableRow row, std::size_t width) {
  if (header.empty() || row.size() != header.size() || !contains(kProseColumns, header.back()))
    return {row};
  std::vector<TableRow> lines;
  for (std::string rest = row.back(); lines.empty() || !rest.empty();) {
    row.back() = take_piece(rest, width);
    lines.push_back(row);
    row.assign(row.size(), "");
  }
  return lines;
}

/// The columns of verdicts, or none.
std::vector<bool> coloured(const TableRow& header, Colour colour) {
  std::vector<bool> columns;
  for (const std::string& name : header) {
    columns.push_back(colour == Colour::verdicts && contains(kVerdictColumns, name));
  }
  return columns;
}

std::string line(const TableRow& row, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& verdicts) {
  std::string text;
  for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
    const std::string cell = cut(row[i], widths[i]);
    text += verdicts[i] ? in_colour_of(row[i], cell) : cell;
    text.append(widths[i] - columns_of(cell) + kBetween, ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string format_table(const TableRow& header, const std::vector<TableRow>& rows,
                         std::optional<std::size_t> width, Colour colour) {
  std::vector<TableRow> lines{header};
  for (const TableRow& row : rows) {
    TableRow& escaped = lines.emplace_back();
    for (const std::string& cell : row) escaped.push_back(one_line(cell));
  }
  std::vector<std::size_t> widths = widest_cells(header.size(), lines);
  if (width && !widths.empty()) narrow(widths, *width);
  std::string text;
  const std::vector<bool> verdicts = coloured(header, colour);
  for (const TableRow& row : lines) {
    const std::size_t last = widths.empty() ? 0 : widths.back();
    for (const TableRow& each : wrapped(header, row, last)) text += line(each, widths, verdicts);
  }
  return text;
}

std::string format_fields(const std::vector<std::pair<std::string, std::string>>& fields,
                          std::optional<std::size_t> width, Colour colour) {
  std::size_t longest = 0;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) longest = std::max(longest, columns_of(name));
  }
  const std::size_t indent = longest + kBetween;
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    const bool named = colour == Colour::verdicts && contains(kNamedByVerdict, name);
    const bool verdict = colour == Colour::verdicts && contains(kVerdictFields, name);
    std::string shown = one_line(value);
    if (width) shown = wrapped_value(std::move(shown), indent, *width);
    text += (named ? in_colour_of(name, name) : name) +
            std::string(indent - columns_of(name), ' ') +
            (verdict ? in_colour_of(shown, shown) : shown) + "\n";
  }
  return text;
}

}  // namespace sifguard
