// Reads the structure of a SIF image from hostile bytes. Runs in the sandboxed verifier, and in
// tools as the user; never in the root helper. Reads with pread only; keeps no pointer into a file.
//
// Every count, size and offset is checked before it is used, and an image that two readers could
// understand differently is refused: see structure.h for the rules between descriptors. The format
// is described in sif_format.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helper/sif/sif_format.h"
#include "keystore/base/error.h"

namespace sifguard::sif {

using RawHeader = std::array<std::byte, kHeaderSize>;
using RawDescriptor = std::array<std::byte, kDescriptorSize>;

/// What a descriptor's linked id says.
struct Link {
  enum class Kind : std::uint8_t { none, object, group };
  Kind kind = Kind::none;
  std::uint32_t id = 0;  ///< of the object or group, without the nibble (kGroupMask)

  [[nodiscard]] bool is_object(std::uint32_t object) const noexcept {
    return kind == Kind::object && id == object;
  }
};

struct Partition {
  FileSystem file_system = FileSystem::squashfs;
  PartitionType type = PartitionType::data;
  std::string arch_code;  ///< as stored, two characters: "02"
};

/// What the image claims about a signature. None of it is covered by the signature: for
/// information only, never for identity.
struct SignatureClaim {
  std::int32_t hash = 0;
  std::array<std::byte, kFingerprintSize> entity{};
};

struct CryptoMessage {
  std::int32_t format = 0;
  std::int32_t message = 0;
};

/// One descriptor that is in use, decoded. Digests are made of `raw`.
struct Descriptor {
  RawDescriptor raw{};
  DataType type = DataType::generic;
  std::uint32_t id = 0;     ///< 1 … 0x0fffffff
  std::uint32_t group = 0;  ///< 0 = in no group
  Link link;
  std::uint64_t offset = 0;  ///< offset + size lies inside the file
  std::uint64_t size = 0;
  std::optional<Partition> partition;           ///< exactly for DataType::partition
  std::optional<SignatureClaim> signature;      ///< exactly for DataType::signature
  std::optional<CryptoMessage> crypto_message;  ///< exactly for DataType::crypto_message

  /// The bytes before the first NUL, as stored; apply printable() before showing them.
  [[nodiscard]] std::string_view name() const noexcept;
  /// "object 2 (labels 'x')", safe to show.
  [[nodiscard]] std::string shown() const;
};

struct Image {
  std::uint64_t file_size = 0;
  RawHeader header{};
  std::vector<Descriptor> objects;            ///< those in use, in table order
  std::optional<std::size_t> primary;         ///< index of the primary system partition
  std::optional<std::size_t> crypto_message;  ///< index; only if the image is encrypted for a key
};

/// Errors: Code::refused, one sentence that names the field or object and its value;
/// Code::no_input when `fd` cannot be read or is not a regular file.
[[nodiscard]] Result<Image> read_image(int fd);

/// Go's name of an architecture code ("02" is "amd64"); "unknown" for "00" and any other.
[[nodiscard]] std::string_view architecture_name(std::string_view arch_code) noexcept;

/// "partition", "labels", …
[[nodiscard]] std::string_view data_type_name(DataType type) noexcept;

/// Whether the root file system is encrypted. With a CryptoMessage it is encrypted for a key,
/// without one by a passphrase.
[[nodiscard]] constexpr bool is_encrypted(FileSystem file_system) noexcept {
  return file_system == FileSystem::luks_squashfs || file_system == FileSystem::gocryptfs_squashfs;
}

}  // namespace sifguard::sif
