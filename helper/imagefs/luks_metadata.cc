// What a LUKS2 header's JSON says. Hostile text; pure. In the sandbox of `sifguard-imagefs`.
#include "helper/imagefs/luks_metadata.h"

#include <charconv>
#include <system_error>
#include <vector>

#include "helper/imagefs/expected_fields.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

// cryptsetup's own bounds where it has some; the rest keeps a hostile header from holding the node.
constexpr std::uint32_t kMostMemoryKib = 1U << 20U;
constexpr std::uint32_t kMostPasses = 1000;
constexpr std::uint32_t kMostLanes = 4;
constexpr std::uint32_t kMostIterations = 100'000'000;
constexpr std::uint32_t kLeastIterations = 1000;
constexpr std::size_t kMostSalt = 64;
constexpr std::size_t kLeastSalt = 8;
constexpr int kMostSlots = 32;

std::uint32_t bounded(StrictObject& object, const char* field, std::uint32_t least,
                      std::uint32_t most) {
  const auto found = object.number<std::uint32_t>(field);
  if (found < least || found > most) {
    object.reject("the " + std::string(field) + " " + std::to_string(found));
  }
  return found;
}

/// Numbers of 64 bits are strings of digits.
std::uint64_t long_number(StrictObject& object, const char* field) {
  const std::string text = object.string(field);
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc{} && text == std::to_string(value)) return value;
  object.reject("the " + std::string(field) + " '" + printable(text, 48) + "'");
  return 0;
}

/// The name of the one object in `objects`.
Result<std::string> only_name(const StrictObject& objects) {
  std::vector<std::string> names;
  for (int i = 0; i < kMostSlots; ++i) {
    const std::string name = std::to_string(i);
    if (objects.has(name.c_str())) names.push_back(name);
  }
  if (names.size() == 1) return names.front();
  return fail(Code::refused, objects.where() + ": " + std::to_string(names.size()) +
                                 " of them; exactly one is supported");
}

Status take_kdf(StrictObject kdf, LuksMetadata& metadata) {
  const std::string type = kdf.string("type");
  if (type == "argon2id") {
    const std::uint32_t lanes = bounded(kdf, "cpus", 1, kMostLanes);
    const std::uint32_t memory = bounded(kdf, "memory", 8 * kMostLanes, kMostMemoryKib);
    metadata.cost = Argon2Cost{bounded(kdf, "time", 1, kMostPasses), memory, lanes};
  } else if (type == "pbkdf2") {
    expect(kdf, "hash", "sha256");
    metadata.cost = Pbkdf2Cost{bounded(kdf, "iterations", kLeastIterations, kMostIterations)};
  } else {
    kdf.reject("the type '" + printable(type, 48) + "'");
  }
  metadata.salt = bytes_in(kdf, "salt", kLeastSalt, kMostSalt);
  return kdf.finish();
}

Status take_split(StrictObject split) {
  expect(split, "type", "luks1");
  expect(split, "stripes", std::uint32_t{kLuksStripes});
  expect(split, "hash", "sha256");
  return split.finish();
}

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Result<Extent> take_area(StrictObject area) {
  expect(area, "type", "raw");
  expect(area, "encryption", "aes-xts-plain64");
  expect(area, "key_size", std::uint32_t{kLuksKey});
  const Extent extent = {long_number(area, "offset"), long_number(area, "size")};
  if (extent.size < kLuksStripes * kLuksKey) area.reject("an area that is too small");
  SG_CHECK(area.finish());
  return extent;
}

Result<Extent> take_slot(StrictObject slot, LuksMetadata& metadata) {
  expect(slot, "type", "luks2");
  expect(slot, "key_size", std::uint32_t{kLuksKey});
  StrictObject split = slot.object("af");
  StrictObject area = slot.object("area");
  StrictObject kdf = slot.object("kdf");
  SG_CHECK(slot.finish());
  SG_CHECK(take_split(std::move(split)));
  SG_CHECK(take_kdf(std::move(kdf), metadata));
  return take_area(std::move(area));
}

Status take_segment(StrictObject segment, LuksMetadata& metadata) {
  expect(segment, "type", "crypt");
  metadata.data_offset = long_number(segment, "offset");
  expect(segment, "size", "dynamic");
  expect(segment, "iv_tweak", "0");
  expect(segment, "encryption", "aes-xts-plain64");
  metadata.sector = segment.number<std::uint32_t>("sector_size");
  if (metadata.sector != 512 && metadata.sector != 4096) {
    segment.reject("sectors of " + std::to_string(metadata.sector) + " bytes");
  }
  return segment.finish();
}

Status take_digest(StrictObject digest, const std::string& slot, LuksMetadata& metadata) {
  expect(digest, "type", "pbkdf2");
  expect(digest, "hash", "sha256");
  if (digest.strings("keyslots") != std::vector{slot} ||
      digest.strings("segments") != std::vector<std::string>{"0"}) {
    digest.reject("a digest of other slots or segments");
  }
  metadata.digest_iterations = bounded(digest, "iterations", kLeastIterations, kMostIterations);
  metadata.digest_salt = bytes_in(digest, "salt", kLeastSalt, kMostSalt);
  metadata.digest = bytes_in(digest, "digest", 32, 32);
  return digest.finish();
}

Result<std::uint64_t> take_areas_size(StrictObject config, std::uint64_t header_size) {
  constexpr std::uint64_t kBinary = 4096;
  if (long_number(config, "json_size") != header_size - kBinary) {
    config.reject("a json_size that is not the header's");
  }
  const std::uint64_t size = long_number(config, "keyslots_size");
  SG_CHECK(config.finish());
  return size;
}

/// Headers, areas and data in this order, none over another, none beyond the partition.
Status check_extents(const LuksMetadata& metadata, Extent area, Extent areas,
                     std::uint64_t partition_size) {
  const auto within = [](Extent inner, Extent outer) {
    return inner.offset >= outer.offset && inner.offset - outer.offset <= outer.size &&
           inner.size <= outer.size - (inner.offset - outer.offset);
  };
  if (!within(area, areas) || metadata.data_offset > partition_size ||
      !within(areas, {0, metadata.data_offset})) {
    return fail(Code::refused, "LUKS: areas that overlap or lie outside of the partition");
  }
  const std::uint64_t data = partition_size - metadata.data_offset;
  if (data == 0 || data % metadata.sector != 0 || metadata.data_offset % metadata.sector != 0) {
    return fail(Code::refused, "LUKS: data that are no whole number of sectors");
  }
  return {};
}

Status refuse_tokens(const StrictObject& tokens) {
  const Status none = tokens.finish();
  if (none) return {};
  return fail(Code::refused, "LUKS: tokens are not supported");
}

}  // namespace

Result<LuksMetadata> parse_luks_metadata(std::string_view json, std::uint64_t header_size,
                                         std::uint64_t partition_size) {
  LuksMetadata metadata;
  auto root = StrictObject::parse(
      json, "LUKS", {.code = Code::refused, .max_bytes = header_size, .max_values = 1024});
  StrictObject slots = root.object("keyslots");
  StrictObject tokens = root.object("tokens");
  StrictObject segments = root.object("segments");
  StrictObject digests = root.object("digests");
  StrictObject config = root.object("config");
  SG_CHECK(root.finish());
  SG_CHECK(refuse_tokens(tokens));

  SG_TRY(const std::string slot, only_name(slots));
  SG_TRY(const Extent area, take_slot(slots.object(slot.c_str()), metadata));
  SG_CHECK(slots.finish());
  SG_CHECK(take_segment(segments.object("0"), metadata));
  SG_CHECK(segments.finish());
  SG_TRY(const std::string digest, only_name(digests));
  SG_CHECK(take_digest(digests.object(digest.c_str()), slot, metadata));
  SG_CHECK(digests.finish());
  SG_TRY(const std::uint64_t areas_size, take_areas_size(std::move(config), header_size));

  metadata.area_offset = area.offset;
  SG_CHECK(check_extents(metadata, area, {2 * header_size, areas_size}, partition_size));
  return metadata;
}

}  // namespace sifguard
