// What an image is made of, as JSON. The user's rights.
#include <nlohmann/json.hpp>

#include "helper/sif/little_endian.h"
#include "helper/tools/image_listing.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using json = nlohmann::ordered_json;

/// Bytes of an image as text that JSON can carry.
std::string text_of(std::string_view bytes) {
  bytes = bytes.substr(0, bytes.find('\0'));
  return is_utf8(bytes) ? std::string(bytes) : printable(bytes);
}

json or_null(std::string text) {
  return text.empty() ? json() : json(std::move(text));
}

json link_json(const sif::Link& link) {
  if (link.kind == sif::Link::Kind::none) return nullptr;
  return {{link.kind == sif::Link::Kind::group ? "group" : "object", link.id}};
}

void add_details(json& entry, const sif::Descriptor& object) {
  if (object.partition) {
    entry["filesystem"] = file_system_name(object.partition->file_system);
    entry["partition"] = partition_type_name(object.partition->type);
    entry["architecture"] = sif::architecture_name(object.partition->arch_code);
  } else if (object.signature) {
    entry["hash"] = hash_name(object.signature->hash);
  } else if (object.crypto_message) {
    entry["format"] = message_format_name(object.crypto_message->format);
    entry["message"] = message_type_name(object.crypto_message->message);
  } else if (object.type == sif::DataType::sbom) {
    entry["format"] = sbom_format_name(sif::load_le<std::int32_t>(object.raw, sif::kExtraOffset));
  }
}

json object_json(const Listing& listing, const sif::Descriptor& object) {
  json entry;
  entry["id"] = object.id;
  entry["type"] = sif::data_type_name(object.type);
  entry["group"] = object.group == 0 ? json() : json(object.group);
  entry["link"] = link_json(object.link);
  entry["offset"] = object.offset;
  entry["size"] = object.size;
  entry["name"] = object.name().empty() ? json() : json(text_of(object.name()));
  entry["created"] = or_null(time_at(object.raw, sif::kCreatedOffset));
  entry["modified"] = or_null(time_at(object.raw, sif::kModifiedOffset));
  add_details(entry, object);
  if (const auto digest = sif::oci_digest(object); !digest.empty()) entry["digest"] = digest;
  if (std::string role = oci_role(listing, object); !role.empty()) entry["role"] = std::move(role);
  return entry;
}

json group_json(const ListedGroup& group) {
  json signatures = json::array();
  for (const ListedSignature& signature : group.signatures) {
    json claimed = json::array();
    for (const std::string& name : signature.summary.claimed) claimed.push_back(text_of(name));
    signatures.push_back({{"object", signature.object_id},
                          {"form", signature.summary.form},
                          {"claimed", std::move(claimed)}});
  }
  return {{"id", group.id}, {"objects", group.objects}, {"signatures", std::move(signatures)}};
}

/// Null for an image in clear.
json encrypted_with(const sif::Image& image) {
  if (image.crypto_message) return "key";
  return has_passphrase(image) ? json("passphrase") : json(nullptr);
}

/// What is not in other images, so it is a field of OCI-SIFs alone.
void add_oci(json& root, const Listing& listing) {
  if (!listing.oci_trouble.empty()) root["oci"] = {{"trouble", printable(listing.oci_trouble)}};
  if (!listing.oci) return;
  const sif::OciImage& oci = *listing.oci;
  json layers = json::array();
  for (const std::size_t layer : oci.layers) layers.push_back(listing.image.objects[layer].id);
  root["oci"] = {{"os", oci.settings.os},
                 {"architecture", oci.settings.architecture},
                 {"manifest", sif::oci_digest(listing.image.objects[oci.manifest])},
                 {"layers", std::move(layers)},
                 {"env", oci.settings.env},
                 {"entrypoint", oci.settings.entrypoint},
                 {"cmd", oci.settings.cmd},
                 {"working_dir", oci.settings.working_dir}};
}

}  // namespace

json listing_json(const Listing& listing, const std::string& path) {
  const sif::Image& image = listing.image;
  const auto header = std::span(image.header);
  json root;
  root["image"] = text_of(path);
  root["size"] = image.file_size;
  root["launch_script"] = text_of(as_text(header.subspan(sif::kLaunchOffset, sif::kLaunchSize)));
  root["architecture"] =
      sif::architecture_name(as_text(header.subspan(sif::kArchOffset, sif::kArchSize - 1)));
  root["id"] = or_null(image_id(image));
  root["created"] = or_null(time_at(header, sif::kHeaderCreatedOffset));
  root["modified"] = or_null(time_at(header, sif::kHeaderModifiedOffset));
  root["encryption"] = to_lower(encryption_name(image));
  root["encrypted_with"] = encrypted_with(image);
  root["descriptors"] = {
      {"used", image.objects.size()},
      {"total", sif::load_le<std::uint64_t>(header, sif::kDescriptorsTotalOffset)}};
  add_oci(root, listing);
  root["verified"] = false;  // for those who would read the signatures below as more than claims
  root["groups"] = json::array();
  for (const ListedGroup& group : listing.groups) root["groups"].push_back(group_json(group));
  root["ungrouped"] = listing.ungrouped;
  root["objects"] = json::array();
  for (const sif::Descriptor& object : image.objects)
    root["objects"].push_back(object_json(listing, object));
  return root;
}

}  // namespace sifguard
