// Decoding one 585-byte descriptor. Runs where image.h runs.
#include "helper/sif/descriptor.h"

#include <algorithm>
#include <cstdio>

#include "helper/sif/little_endian.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard::sif {
namespace {

std::string hex32(std::uint32_t value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

tl::unexpected<Error> refuse(std::size_t slot, const std::string& what) {
  return fail(Code::refused, "descriptor " + std::to_string(slot) + " " + what);
}

Result<std::uint32_t> decode_group(const RawDescriptor& raw, std::size_t slot) {
  const auto stored = load_le<std::uint32_t>(raw, kGroupOffset);
  if ((stored & kGroupMask) != kGroupMask) {
    return refuse(slot, "has the group number " + hex32(stored) + " without the group mark 0xf");
  }
  return stored & ~kGroupMask;
}

Result<Link> decode_link(const RawDescriptor& raw, std::size_t slot) {
  const auto stored = load_le<std::uint32_t>(raw, kLinkOffset);
  if (stored == 0) return Link{};
  if ((stored & kGroupMask) == kGroupMask) {
    const std::uint32_t group = stored & ~kGroupMask;
    if (group == 0) return refuse(slot, "is linked to the group 0, which does not exist");
    return Link{Link::Kind::group, group};
  }
  if ((stored & kGroupMask) != 0) {
    return refuse(slot, "is linked to " + hex32(stored) + ", neither an object nor a group");
  }
  return Link{Link::Kind::object, stored};
}

Status decode_extent(const RawDescriptor& raw, std::size_t slot, std::uint64_t file_size,
                     Descriptor& object) {
  const auto offset = load_le<std::int64_t>(raw, kObjectOffsetOffset);
  const auto size = load_le<std::int64_t>(raw, kObjectSizeOffset);
  const auto padded = load_le<std::int64_t>(raw, kPaddedSizeOffset);
  if (offset < 0) return refuse(slot, "has the negative offset " + std::to_string(offset));
  if (size < 0) return refuse(slot, "has the negative size " + std::to_string(size));
  if (padded < 0) {
    return refuse(slot, "has the negative padded size " + std::to_string(padded));
  }
  object.offset = static_cast<std::uint64_t>(offset);
  object.size = static_cast<std::uint64_t>(size);
  if (object.offset > file_size || object.size > file_size - object.offset) {
    return refuse(slot, "ends beyond the file: offset " + std::to_string(offset) + ", size " +
                            std::to_string(size) + ", file size " + std::to_string(file_size));
  }
  return {};
}

Status decode_extra(const RawDescriptor& raw, std::size_t slot, Descriptor& object) {
  const auto extra = std::span<const std::byte>(raw).subspan(kExtraOffset, kExtraSize);
  const auto first = load_le<std::int32_t>(extra, 0);
  const auto second = load_le<std::int32_t>(extra, 4);
  if (object.type == DataType::partition) {
    if (first < 1 || first > static_cast<std::int32_t>(FileSystem::gocryptfs_squashfs)) {
      return refuse(slot, "has the unknown file system type " + std::to_string(first));
    }
    if (second < 1 || second > static_cast<std::int32_t>(PartitionType::overlay)) {
      return refuse(slot, "has the unknown partition type " + std::to_string(second));
    }
    object.partition = Partition{static_cast<FileSystem>(first), static_cast<PartitionType>(second),
                                 std::string(as_text(extra.subspan(8, kArchSize - 1)))};
  } else if (object.type == DataType::signature) {
    SignatureClaim claim;
    claim.hash = first;
    std::copy_n(extra.begin() + kEntityOffset, kFingerprintSize, claim.entity.begin());
    object.signature = claim;
  } else if (object.type == DataType::crypto_message) {
    object.crypto_message = CryptoMessage{first, second};
  }
  return {};
}

}  // namespace

Result<std::optional<Descriptor>> decode_descriptor(const RawDescriptor& raw, std::size_t slot,
                                                    std::uint64_t file_size) {
  const auto used = load_le<std::uint8_t>(raw, kUsedOffset);
  if (used > 1) return refuse(slot, "has the mark " + std::to_string(used) + " for 'used'");
  if (used == 0) {
    // Readers that look at the type rather than at the mark would see an unsigned object here.
    const bool blank =
        std::all_of(raw.begin(), raw.end(), [](std::byte b) { return b == std::byte{}; });
    if (!blank) return refuse(slot, "is marked unused but is not blank");
    return std::optional<Descriptor>();
  }
  Descriptor object;
  object.raw = raw;
  const auto type = load_le<std::uint32_t>(raw, kTypeOffset);
  if (type < kFirstDataType || type > kLastDataType) {
    return refuse(slot, "has the unknown data type " + hex32(type));
  }
  object.type = static_cast<DataType>(type);
  object.id = load_le<std::uint32_t>(raw, kIdOffset);
  if (object.id == 0 || (object.id & kGroupMask) != 0) {
    return refuse(slot, "has the impossible object id " + hex32(object.id));
  }
  SG_TRY(object.group, decode_group(raw, slot));
  SG_TRY(object.link, decode_link(raw, slot));
  SG_CHECK(decode_extent(raw, slot, file_size, object));
  SG_CHECK(decode_extra(raw, slot, object));
  return std::optional<Descriptor>(std::move(object));
}

std::string_view Descriptor::name() const noexcept {
  const std::string_view field = as_text(std::span(raw).subspan(kNameOffset, kNameSize));
  return field.substr(0, field.find('\0'));
}

std::string Descriptor::shown() const {
  std::string text = "object " + std::to_string(id) + " (" + std::string(data_type_name(type));
  if (!name().empty()) text += " '" + printable(name(), 64) + "'";
  return text + ")";
}

std::string_view data_type_name(DataType type) noexcept {
  switch (type) {
    case DataType::deffile:
      return "definition file";
    case DataType::env_var:
      return "environment";
    case DataType::labels:
      return "labels";
    case DataType::partition:
      return "partition";
    case DataType::signature:
      return "signature";
    case DataType::generic_json:
      return "JSON";
    case DataType::generic:
      return "generic data";
    case DataType::crypto_message:
      return "cryptographic message";
    case DataType::sbom:
      return "SBOM";
    case DataType::oci_root_index:
      return "OCI root index";
    case DataType::oci_blob:
      return "OCI blob";
  }
  return "unknown";
}

std::string_view architecture_name(std::string_view arch_code) noexcept {
  static constexpr std::array<std::string_view, 14> kNames = {
      "unknown", "386",    "amd64",  "arm",      "arm64", "ppc64",   "ppc64le",
      "mips",    "mipsle", "mips64", "mips64le", "s390x", "riscv64", "loong64"};
  if (arch_code.size() != 2 || arch_code[0] < '0' || arch_code[0] > '9' || arch_code[1] < '0' ||
      arch_code[1] > '9') {
    return kNames[0];
  }
  const auto number = static_cast<std::size_t>((arch_code[0] - '0') * 10 + (arch_code[1] - '0'));
  return number < kNames.size() ? kNames[number] : kNames[0];
}

}  // namespace sifguard::sif
