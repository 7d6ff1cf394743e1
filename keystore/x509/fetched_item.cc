// What `sifctl trust fetch` and its unprivileged fetcher say to each other. Pure.
#include "keystore/x509/fetched_item.h"

#include <algorithm>
#include <charconv>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxBytes = 16UL * 1024 * 1024;
constexpr std::size_t kMaxLine = 256;
constexpr std::size_t kNameDigits = 64;

bool is_kind(std::string_view text) {
  return !text.empty() && text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool is_item_name(std::string_view text) {
  return text == "-" ||
         (text.size() == kNameDigits && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
          }));
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && stop == text.data() + text.size() && number >= 0;
}

/// Takes one item off the front.
bool take(std::string_view& data, FetchedItem& item) {
  const std::size_t line = data.substr(0, kMaxLine).find('\n');
  if (line == std::string_view::npos) return false;
  const auto words = split(data.substr(0, line), ' ');
  std::int64_t text = 0;
  std::int64_t bytes = 0;
  if (words.size() != 6 || !is_kind(words[0]) || !is_item_name(words[1]) ||
      !read_number(words[2], item.from) || !read_number(words[3], item.until) ||
      !read_number(words[4], text) || !read_number(words[5], bytes)) {
    return false;
  }
  data.remove_prefix(line + 1);
  const auto text_size = static_cast<std::size_t>(text);
  const auto size = static_cast<std::size_t>(bytes);
  if (text_size > kMaxText || size > kMaxBytes || text_size + size > data.size()) return false;
  item.kind = words[0];
  item.name = words[1];
  item.text = data.substr(0, text_size);
  item.bytes = data.substr(text_size, size);
  data.remove_prefix(text_size + size);
  return true;
}

}  // namespace

std::string encode_items(const std::vector<FetchedItem>& items) {
  std::string data;
  for (const FetchedItem& item : items) {
    const std::string text = item.text.substr(0, kMaxText);
    data += item.kind + " " + item.name + " " + std::to_string(item.from) + " " +
            std::to_string(item.until) + " " + std::to_string(text.size()) + " " +
            std::to_string(item.bytes.size()) + "\n" + text + item.bytes;
  }
  return data;
}

Result<std::vector<FetchedItem>> decode_items(std::string_view data) {
  std::vector<FetchedItem> items;
  while (!data.empty()) {
    FetchedItem item;
    if (items.size() >= kMaxFetchedItems || !take(data, item)) {
      return fail(Code::refused, "the fetcher's answer is malformed");
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace sifguard
