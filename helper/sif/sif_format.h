// Where everything is in a SIF file: offsets, sizes and numbers. Constants only.
//
// The format is little-endian and packed: a 128-byte header, a table of 585-byte descriptors, and
// the objects' data. Source: the format of sylabs/sif, as Apptainer 1.4 and SingularityCE write it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sifguard::sif {

using namespace std::string_view_literals;

// --- Header -------------------------------------------------------------------------------------
inline constexpr std::size_t kHeaderSize = 128;
inline constexpr std::size_t kLaunchOffset = 0;
inline constexpr std::size_t kLaunchSize = 32;
inline constexpr std::size_t kMagicOffset = 32;
inline constexpr std::string_view kMagic = "SIF_MAGIC\0"sv;
inline constexpr std::size_t kVersionOffset = 42;
inline constexpr std::string_view kVersion = "01\0"sv;
inline constexpr std::size_t kArchOffset = 45;
inline constexpr std::size_t kArchSize = 3;
inline constexpr std::size_t kUuidOffset = 48;
inline constexpr std::size_t kUuidSize = 16;
inline constexpr std::size_t kHeaderCreatedOffset = 64;
inline constexpr std::size_t kHeaderModifiedOffset = 72;
inline constexpr std::size_t kDescriptorsFreeOffset = 80;
inline constexpr std::size_t kDescriptorsTotalOffset = 88;
inline constexpr std::size_t kTableOffsetOffset = 96;
inline constexpr std::size_t kTableSizeOffset = 104;
inline constexpr std::size_t kDataOffsetOffset = 112;
inline constexpr std::size_t kDataSizeOffset = 120;

// --- Descriptor ---------------------------------------------------------------------------------
inline constexpr std::size_t kDescriptorSize = 585;
inline constexpr std::size_t kTypeOffset = 0;
inline constexpr std::size_t kUsedOffset = 4;
inline constexpr std::size_t kIdOffset = 5;
inline constexpr std::size_t kGroupOffset = 9;
inline constexpr std::size_t kLinkOffset = 13;
inline constexpr std::size_t kObjectOffsetOffset = 17;
inline constexpr std::size_t kObjectSizeOffset = 25;
inline constexpr std::size_t kPaddedSizeOffset = 33;
inline constexpr std::size_t kCreatedOffset = 41;
inline constexpr std::size_t kModifiedOffset = 49;
inline constexpr std::size_t kUidOffset = 57;
inline constexpr std::size_t kGidOffset = 65;
inline constexpr std::size_t kNameOffset = 73;
inline constexpr std::size_t kNameSize = 128;
inline constexpr std::size_t kExtraOffset = 201;
inline constexpr std::size_t kExtraSize = 384;

/// Group numbers are stored with this nibble set; a link without it names an object.
inline constexpr std::uint32_t kGroupMask = 0xf0000000U;

/// More descriptors than this are refused. Writers make a table of 48; the largest images known
/// (OCI layouts, one object a layer) need a few hundred. 4096 keep the whole table under 2.4 MiB.
inline constexpr std::uint64_t kMaxDescriptors = 4096;

/// A wrapped volume key is one PEM block of at most a few kilobytes.
inline constexpr std::uint64_t kMaxCryptoMessageSize = 65536;

enum class DataType : std::uint32_t {
  deffile = 0x4001,
  env_var = 0x4002,
  labels = 0x4003,
  partition = 0x4004,
  signature = 0x4005,
  generic_json = 0x4006,
  generic = 0x4007,
  crypto_message = 0x4008,
  sbom = 0x4009,
  oci_root_index = 0x400A,
  oci_blob = 0x400B,
};
inline constexpr std::uint32_t kFirstDataType = 0x4001;
inline constexpr std::uint32_t kLastDataType = 0x400B;

/// Partition extra: file system i32 @0, type i32 @4, architecture[3] @8.
enum class FileSystem : std::int32_t {
  squashfs = 1,
  ext3 = 2,
  archive = 3,
  raw = 4,
  luks_squashfs = 5,
  gocryptfs_squashfs = 6,
};
enum class PartitionType : std::int32_t { system = 1, primary_system = 2, data = 3, overlay = 4 };

/// Signature extra: hash i32 @0, entity[256] @4 with an OpenPGP fingerprint in its first 20 bytes.
inline constexpr std::size_t kEntityOffset = 4;
inline constexpr std::size_t kFingerprintSize = 20;

/// CryptoMessage extra: format i32 @0, message i32 @4.
inline constexpr std::int32_t kFormatPem = 2;
inline constexpr std::int32_t kMessageRsaOaep = 0x200;

}  // namespace sifguard::sif
