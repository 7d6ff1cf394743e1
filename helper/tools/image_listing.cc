// What an image is made of: gathering it, and the names of things. The user's rights.
#include "helper/tools/image_listing.h"

#include <algorithm>
#include <array>
#include <span>

#include "helper/sif/little_endian.h"
#include "helper/tools/statement.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// time.Time{}.Unix() of Go: images made to be reproducible have no times.
constexpr std::int64_t kGoZeroTime = -62135596800;

template <std::size_t count>
std::string name_in(const std::array<const char*, count>& names, std::int32_t number) {
  if (number >= 1 && static_cast<std::size_t>(number) <= count) {
    return names[static_cast<std::size_t>(number) - 1];
  }
  return "unknown (" + std::to_string(number) + ")";
}

bool is_in_group(const sif::Image& image, std::uint32_t id, std::uint32_t group) {
  return std::any_of(
      image.objects.begin(), image.objects.end(),
      [&](const sif::Descriptor& object) { return object.id == id && object.group == group; });
}

/// Current signatures are linked to the group, legacy ones to it or to an object of it.
bool is_about(const sif::Image& image, const sif::Descriptor& object, std::uint32_t group) {
  if (object.type != sif::DataType::signature) return false;
  if (object.link.kind == sif::Link::Kind::group) return object.link.id == group;
  return object.link.kind == sif::Link::Kind::object && is_in_group(image, object.link.id, group);
}

Result<ListedGroup> list_group(int fd, const sif::Image& image, std::uint32_t id) {
  ListedGroup group;
  group.id = id;
  for (const sif::Descriptor& object : image.objects) {
    if (object.group == id && object.type != sif::DataType::signature) {
      group.objects.push_back(object.id);
    }
    if (!is_about(image, object, id)) continue;
    SG_TRY(SignatureSummary summary, summarize_signature(fd, object));
    group.signatures.push_back({object.id, std::move(summary)});
  }
  std::sort(group.objects.begin(), group.objects.end());
  return group;
}

/// One that nobody could run is listed, too: with the reason.
void list_oci(int fd, Listing& listing) {
  if (!sif::has_oci_objects(listing.image)) return;
  if (auto oci = sif::read_oci_image(fd, listing.image)) {
    listing.oci = *std::move(oci);
  } else {
    listing.oci_trouble = oci.error().line();
  }
}

}  // namespace

Result<Listing> list_image(int fd) {
  Listing listing;
  SG_TRY(listing.image, sif::read_image(fd));
  list_oci(fd, listing);
  for (const std::uint32_t id : groups_of(listing.image)) {
    SG_TRY(ListedGroup group, list_group(fd, listing.image, id));
    listing.groups.push_back(std::move(group));
  }
  for (const sif::Descriptor& object : listing.image.objects) {
    const bool loose = object.group == 0 && object.type != sif::DataType::signature;
    if (loose) listing.ungrouped.push_back(object.id);
  }
  std::sort(listing.ungrouped.begin(), listing.ungrouped.end());
  return listing;
}

std::string oci_role(const Listing& listing, const sif::Descriptor& object) {
  if (!listing.oci) return {};
  const sif::OciImage& oci = *listing.oci;
  const auto is = [&](std::size_t index) { return &listing.image.objects[index] == &object; };
  if (is(oci.manifest)) return "manifest";
  if (is(oci.config)) return "configuration";
  for (std::size_t i = 0; i < oci.layers.size(); ++i) {
    if (is(oci.layers[i])) return "layer " + std::to_string(i + 1);
  }
  return {};
}

std::string_view encryption_name(const sif::Image& image) noexcept {
  if (!image.primary) return "none";
  switch (image.objects[*image.primary].partition->file_system) {
    case sif::FileSystem::luks_squashfs:
      return "LUKS";
    case sif::FileSystem::gocryptfs_squashfs:
      return "gocryptfs";
    default:
      return "none";
  }
}

bool has_passphrase(const sif::Image& image) noexcept {
  return !image.crypto_message && image.primary &&
         sif::is_encrypted(image.objects[*image.primary].partition->file_system);
}

std::string image_id(const sif::Image& image) {
  const auto bytes = std::span(image.header).subspan(sif::kUuidOffset, sif::kUuidSize);
  if (std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{}; })) {
    return {};
  }
  std::string text = to_hex(bytes);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');  // RFC 9562 4
  return text;
}

std::string time_at(std::span<const std::byte> raw, std::size_t offset) {
  const auto seconds = sif::load_le<std::int64_t>(raw, offset);
  return seconds == 0 || seconds == kGoZeroTime ? std::string() : format_utc(seconds);
}

std::string file_system_name(sif::FileSystem file_system) {
  static constexpr std::array kNames = {
      "Squashfs", "Ext3", "Archive", "Raw", "Encrypted squashfs", "Gocryptfs squashfs"};
  return name_in(kNames, static_cast<std::int32_t>(file_system));
}

std::string partition_type_name(sif::PartitionType type) {
  static constexpr std::array kNames = {"System", "*System", "Data", "Overlay"};
  return name_in(kNames, static_cast<std::int32_t>(type));
}

std::string hash_name(std::int32_t hash) {
  static constexpr std::array kNames = {"SHA-256", "SHA-384", "SHA-512", "BLAKE2s-256",
                                        "BLAKE2b-256"};
  return name_in(kNames, hash);
}

std::string message_format_name(std::int32_t format) {
  static constexpr std::array kNames = {"OpenPGP", "PEM"};
  return name_in(kNames, format);
}

std::string message_type_name(std::int32_t type) {
  if (type == 0x100) return "Clear Signature";
  if (type == sif::kMessageRsaOaep) return "RSA-OAEP";
  return "unknown (" + std::to_string(type) + ")";
}

std::string sbom_format_name(std::int32_t format) {
  static constexpr std::array kNames = {"cyclonedx-json", "cyclonedx-xml", "github-json",
                                        "spdx-json",      "spdx-rdf",      "spdx-tag-value",
                                        "spdx-yaml",      "syft-json"};
  return name_in(kNames, format);
}

}  // namespace sifguard
