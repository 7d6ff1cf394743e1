// The inside of a bundle as it was. Pure.
#include "keystore/bundle/old_payload.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "sifguard-bundle 1\n";
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxHeader = kMaxName + 32;
constexpr std::size_t kMaxFiles = 100'000;

bool is_file_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxName &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-") ==
             std::string_view::npos;
}

/// "NAME SIZE" at the front of `rest`, taken off with its end of line.
Result<std::pair<std::string, std::size_t>> take_header(std::span<const std::byte>& rest) {
  const auto malformed = [] { return fail(Code::refused, "the bundle is malformed"); };
  const std::string_view start = as_text(rest.first(std::min(rest.size(), kMaxHeader)));
  const std::size_t end = start.find('\n');
  if (end == std::string_view::npos) return malformed();
  const std::string_view header = start.substr(0, end);
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos || !is_file_name(header.substr(0, space))) return malformed();
  const std::string_view digits = header.substr(space + 1);
  std::size_t size = 0;
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (digits.empty() || problem != std::errc{} || stop != digits.data() + digits.size() ||
      (digits.front() == '0' && digits.size() > 1)) {
    return malformed();
  }
  rest = rest.subspan(end + 1);
  return std::pair(std::string(header.substr(0, space)), size);
}

}  // namespace

bool is_old_payload(std::span<const std::byte> payload) noexcept {
  return as_text(payload).starts_with(kMagic);
}

Result<std::vector<ArchiveFile>> parse_old_payload(std::span<const std::byte> payload) {
  if (!is_old_payload(payload)) return fail(Code::refused, "not a bundle of that form");
  std::span<const std::byte> rest = payload.subspan(kMagic.size());
  std::vector<ArchiveFile> files;
  std::set<std::string> names;
  while (!rest.empty()) {
    SG_TRY(const auto header, take_header(rest));
    const auto& [name, size] = header;
    if (size >= rest.size() || rest[size] != std::byte{'\n'}) {
      return fail(Code::refused, "the bundle's file " + name + " has not the size that it says");
    }
    if (!names.insert(name).second || names.size() > kMaxFiles) {
      return fail(Code::refused, "the bundle's file " + name + " is repeated, or one too many");
    }
    files.push_back({name, 0600, rest.first(size)});
    rest = rest.subspan(size + 1);
  }
  return files;
}

}  // namespace sifguard
