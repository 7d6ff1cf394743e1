// The two copies of a LUKS2 header. Hostile bytes. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/luks_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <vector>

#include "keystore/base/fd.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr std::size_t kBinaryHeader = 4096;
constexpr std::uint64_t kLeastSize = 16UL * 1024;
constexpr std::uint64_t kMostSize = 4UL * 1024 * 1024;
constexpr std::string_view kMagic = "LUKS\xba\xbe";
constexpr std::string_view kSecondMagic = "SKUL\xba\xbe";

struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kVersion = {6, 2};
constexpr Field kSize = {8, 8};
constexpr Field kChecksumName = {72, 32};
constexpr Field kSalt = {104, 64};
constexpr Field kOwnOffset = {256, 8};
constexpr Field kChecksum = {448, 64};

using Copy = std::vector<std::byte>;

std::span<std::byte> in(Copy& copy, Field field) {
  return std::span(copy).subspan(field.offset, field.size);
}

std::uint64_t number(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

/// Text up to the first zero, after which there are zeros alone.
std::string_view padded_text(std::span<const std::byte> bytes) {
  const auto text = as_text(bytes);
  const std::size_t end = std::min(text.find('\0'), text.size());
  const bool clean = text.find_first_not_of('\0', end) == std::string_view::npos;
  return clean ? text.substr(0, end) : std::string_view();
}

tl::unexpected<Error> torn(const char* which, const std::string& why) {
  return fail(Code::refused, std::string("the ") + which + " LUKS header " + why);
}

/// What says how much belongs to the header.
Result<std::uint64_t> header_size(const BlockSource& partition) {
  Copy start(kBinaryHeader);
  if (partition.size() >= kBinaryHeader) SG_CHECK(partition.read(0, start));
  if (as_text(std::span(start).first(kMagic.size())) != kMagic) {
    return fail(Code::refused, "the encrypted partition has no LUKS header");
  }
  if (const auto version = number(in(start, kVersion)); version != 2) {
    return fail(Code::refused, "LUKS" + std::to_string(version) + " is not supported, LUKS2 is");
  }
  const std::uint64_t size = number(in(start, kSize));
  if (size < kLeastSize || size > kMostSize || !std::has_single_bit(size)) {
    return torn("first", "says that it has " + std::to_string(size) + " bytes");
  }
  return size;
}

Status check_checksum(Copy& copy, const char* which) {
  if (padded_text(in(copy, kChecksumName)) != "sha256") {
    return torn(which, "has no SHA-256 checksum");
  }
  std::array<std::byte, kChecksum.size> stored{};
  std::ranges::copy(in(copy, kChecksum), stored.begin());
  std::ranges::fill(in(copy, kChecksum), std::byte{0});
  SG_TRY(const Sha256Digest digest, sha256(copy));
  std::array<std::byte, kChecksum.size> computed{};
  std::ranges::copy(digest, computed.begin());
  if (stored != computed) return torn(which, "does not have its checksum");
  return {};
}

Result<Copy> read_copy(const BlockSource& partition, std::uint64_t offset, std::uint64_t size) {
  const char* const which = offset == 0 ? "first" : "second";
  Copy copy(size);
  SG_CHECK(partition.read(offset, copy));
  const std::string_view magic = offset == 0 ? kMagic : kSecondMagic;
  if (as_text(std::span(copy).first(magic.size())) != magic || number(in(copy, kVersion)) != 2 ||
      number(in(copy, kSize)) != size || number(in(copy, kOwnOffset)) != offset) {
    return torn(which, "is torn");
  }
  SG_CHECK(check_checksum(copy, which));
  return copy;
}

/// Without what is each copy's own; the checksum is gone already. `copy` has a header's size, which
/// the compiler must see.
Copy comparable(Copy copy) {
  if (copy.size() < kBinaryHeader) return {};
  std::ranges::fill(std::span(copy).first(kMagic.size()), std::byte{0});
  std::ranges::fill(in(copy, kSalt), std::byte{0});
  std::ranges::fill(in(copy, kOwnOffset), std::byte{0});
  return copy;
}

}  // namespace

Result<LuksHeader> read_luks_header(const BlockSource& partition) {
  SG_TRY(const std::uint64_t size, header_size(partition));
  if (partition.size() < 2 * size) return torn("second", "is cut off");
  SG_TRY(const Copy first, read_copy(partition, 0, size));
  SG_TRY(const Copy second, read_copy(partition, size, size));
  if (comparable(first) != comparable(second)) {
    return fail(Code::refused, "the two LUKS headers differ");
  }
  const std::string_view json = padded_text(std::span(first).subspan(kBinaryHeader));
  if (json.empty()) return torn("first", "has no JSON");
  return LuksHeader{size, std::string(json)};
}

}  // namespace sifguard
