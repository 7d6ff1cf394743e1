// The inside of a bundle: named files, one after the other. Pure.
#include "keystore/bundle/payload.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::string_view kMagic = "sifguard-bundle 1\n";
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxHeader = kMaxName + 32;

bool is_file_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxName &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-") ==
             std::string_view::npos;
}

std::string header_of(const PayloadFile& file) {
  return file.name + " " + std::to_string(file.content.size()) + "\n";
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

Result<SecretBytes> format_payload(const std::vector<PayloadFile>& files) {
  std::size_t size = kMagic.size();
  std::set<std::string_view> names;
  for (const PayloadFile& file : files) {
    if (!is_file_name(file.name) || !names.insert(file.name).second ||
        names.size() > kMaxPayloadFiles) {
      return fail(Code::usage, "a bundle cannot hold the file '" + file.name + "'");
    }
    if (file.content.size() > kMaxPayload)
      return fail(Code::usage, "the bundle would be too large");
    size += header_of(file).size() + file.content.size() + 1;
    if (size > kMaxPayload) return fail(Code::usage, "the bundle would be too large");
  }
  SG_TRY(SecretBytes payload, SecretBytes::allocate(size));
  std::byte* at = payload.bytes().data();
  const auto put = [&at](std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  put(as_bytes(kMagic));
  for (const PayloadFile& file : files) {
    put(as_bytes(header_of(file)));
    put(file.content);
    put(as_bytes("\n"));
  }
  return payload;
}

Result<std::vector<PayloadFile>> parse_payload(std::span<const std::byte> payload) {
  if (payload.size() > kMaxPayload) return fail(Code::refused, "the bundle is too large");
  if (!as_text(payload).starts_with(kMagic)) {
    return fail(Code::refused, "not a bundle, or one of a later sifguard");
  }
  std::span<const std::byte> rest = payload.subspan(kMagic.size());
  std::vector<PayloadFile> files;
  std::set<std::string> names;
  while (!rest.empty()) {
    SG_TRY(const auto header, take_header(rest));
    const auto& [name, size] = header;
    if (size >= rest.size() || rest[size] != std::byte{'\n'}) {
      return fail(Code::refused, "the bundle's file " + name + " has not the size that it says");
    }
    if (!names.insert(name).second || names.size() > kMaxPayloadFiles) {
      return fail(Code::refused, "the bundle's file " + name + " is repeated, or one too many");
    }
    files.push_back({name, rest.first(size)});
    rest = rest.subspan(size + 1);
  }
  return files;
}

}  // namespace sifguard
