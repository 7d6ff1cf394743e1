// Tables and lists of fields as text. Any privilege; pure.
#include "keystore/cli/table.h"

#include <algorithm>
#include <array>
#include <numeric>

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

std::string cut(const std::string& cell, std::size_t width) {
  if (columns_of(cell) <= width) return cell;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < cell.size(); ++end) {
    if (begins_character(cell[end]) && seen++ == width - kCut.size()) break;
  }
  return cell.substr(0, end).append(kCut);
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
  for (const TableRow& row : lines) text += line(row, widths, verdicts);
  return text;
}

std::string format_fields(const std::vector<std::pair<std::string, std::string>>& fields,
                          Colour colour) {
  std::size_t longest = 0;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) longest = std::max(longest, columns_of(name));
  }
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    const bool named = colour == Colour::verdicts && contains(kNamedByVerdict, name);
    const bool verdict = colour == Colour::verdicts && contains(kVerdictFields, name);
    const std::string shown = one_line(value);
    text += (named ? in_colour_of(name, name) : name) +
            std::string(longest - columns_of(name) + kBetween, ' ') +
            (verdict ? in_colour_of(shown, shown) : shown) + "\n";
  }
  return text;
}

}  // namespace sifguard
