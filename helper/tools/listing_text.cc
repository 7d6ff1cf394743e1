// What an image is made of, as text. The user's rights.
#include <algorithm>
#include <array>

#include "helper/sif/little_endian.h"
#include "helper/tools/image_listing.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kTableWidth = 78;
constexpr std::size_t kMostName = 64;
constexpr std::size_t kMostWords = 512;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string field(const std::string& name, const std::string& value) {
  return value.empty() ? std::string() : padded(name, 16) + value + "\n";
}

std::string link_text(const sif::Link& link) {
  switch (link.kind) {
    case sif::Link::Kind::none:
      break;
    case sif::Link::Kind::object:
      return std::to_string(link.id);
    case sif::Link::Kind::group:
      return padded(std::to_string(link.id), 3) + " (G)";
  }
  return "NONE";
}

/// As sylabs/sif calls the data types; `role` of a blob.
std::string type_text(const sif::Descriptor& object, const std::string& role) {
  const auto detail = sif::load_le<std::int32_t>(object.raw, sif::kExtraOffset);
  switch (object.type) {
    case sif::DataType::deffile:
      return "Def.FILE";
    case sif::DataType::env_var:
      return "Env.Vars";
    case sif::DataType::labels:
      return "JSON.Labels";
    case sif::DataType::partition:
      return "FS (" + file_system_name(object.partition->file_system) + "/" +
             partition_type_name(object.partition->type) + "/" +
             std::string(sif::architecture_name(object.partition->arch_code)) + ")";
    case sif::DataType::signature:
      return "Signature (" + hash_name(object.signature->hash) + ")";
    case sif::DataType::generic_json:
      return "JSON.Generic";
    case sif::DataType::generic:
      return "Generic/Raw";
    case sif::DataType::crypto_message:
      return "Cryptographic Message (" + message_format_name(object.crypto_message->format) + "/" +
             message_type_name(object.crypto_message->message) + ")";
    case sif::DataType::sbom:
      return "SBOM (" + sbom_format_name(detail) + ")";
    case sif::DataType::oci_root_index:
      return "OCI.RootIndex";
    case sif::DataType::oci_blob:
      return role.empty() ? "OCI.Blob" : "OCI.Blob (" + role + ")";
  }
  return "Unknown";
}

std::string row(const std::string& id, const std::string& group, const std::string& link,
                const std::string& position, const std::string& type) {
  return padded(id, 4) + " " + padded("|" + group, 8) + " " + padded("|" + link, 8) + " " +
         padded("|" + position, 26) + " |" + type + "\n";
}

std::string object_row(const sif::Descriptor& object, const std::string& role) {
  std::string type = type_text(object, role);
  if (!object.name().empty()) type += " '" + printable(object.name(), kMostName) + "'";
  return row(std::to_string(object.id), object.group == 0 ? "NONE" : std::to_string(object.group),
             link_text(object.link),
             std::to_string(object.offset) + "-" + std::to_string(object.offset + object.size),
             type);
}

std::string signature_text(const ListedSignature& signature) {
  std::string text = "object " + std::to_string(signature.object_id) + ", ";
  text.append(signature.summary.form);
  if (signature.summary.claimed.empty()) return text + ", names no signer";
  text += " by ";
  for (std::size_t i = 0; i < signature.summary.claimed.size(); ++i) {
    text += (i == 0 ? "" : " and ") + printable(signature.summary.claimed[i], kMostName);
  }
  return text;
}

std::string group_text(const ListedGroup& group) {
  std::string text =
      "Group " + std::to_string(group.id) + ": " + objects_text(group.objects) + "; ";
  if (group.signatures.empty()) return text + "not signed\n";
  text += "signatures, not verified:\n";
  for (const ListedSignature& signature : group.signatures) {
    text += "  " + signature_text(signature) + "\n";
  }
  return text;
}

std::string launch_script(const sif::Image& image) {
  std::string_view text =
      as_text(std::span(image.header).subspan(sif::kLaunchOffset, sif::kLaunchSize));
  text = text.substr(0, text.find('\0'));
  if (text.ends_with('\n')) text.remove_suffix(1);
  return printable(text);
}

std::string encryption_text(const sif::Image& image) {
  const std::string_view name = encryption_name(image);
  if (has_passphrase(image)) return std::string(name) + ", with a passphrase";
  if (!image.crypto_message) return std::string(name);
  const sif::Descriptor& message = image.objects[*image.crypto_message];
  return std::string(name) + ", its key wrapped in object " + std::to_string(message.id);
}

/// One word after the other, those in quotes that would not show where they end.
std::string words_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n\"'") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : '\'' + word + '\'');
  }
  return printable(text, kMostWords);
}

std::string oci_text(const Listing& listing) {
  if (!listing.oci_trouble.empty()) {
    return field("OCI image", "not one to run: " + printable(listing.oci_trouble));
  }
  if (!listing.oci) return {};
  const sif::OciImage& oci = *listing.oci;
  const std::string layers = std::to_string(oci.layers.size());
  return field("OCI image", printable(oci.settings.os, kMostName) + "/" +
                                oci.settings.architecture + ", " + layers +
                                (oci.layers.size() == 1 ? " layer" : " layers")) +
         field("Manifest", std::string(sif::oci_digest(listing.image.objects[oci.manifest]))) +
         field("Entrypoint", words_text(oci.settings.entrypoint)) +
         field("Command", words_text(oci.settings.cmd)) +
         field("Directory", printable(oci.settings.working_dir, kMostWords));
}

}  // namespace

std::string objects_text(const std::vector<std::uint32_t>& ids) {
  std::string text = ids.size() == 1 ? "object " : "objects ";
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t last = i;
    while (last + 1 < ids.size() && ids[last + 1] == ids[last] + 1) ++last;
    text += (i == 0 ? "" : ", ") + std::to_string(ids[i]);
    if (last > i) text += (last == i + 1 ? ", " : "-") + std::to_string(ids[last]);
    i = last + 1;
  }
  return text;
}

std::string listing_text(const Listing& listing) {
  const sif::Image& image = listing.image;
  const std::string_view arch =
      as_text(std::span(image.header).subspan(sif::kArchOffset, sif::kArchSize - 1));
  const auto total = sif::load_le<std::uint64_t>(image.header, sif::kDescriptorsTotalOffset);
  std::string text = field("Launch script", launch_script(image)) +
                     field("Architecture", std::string(sif::architecture_name(arch))) +
                     field("ID", image_id(image)) +
                     field("Created", time_at(image.header, sif::kHeaderCreatedOffset)) +
                     field("Modified", time_at(image.header, sif::kHeaderModifiedOffset)) +
                     field("Descriptors", std::to_string(image.objects.size()) + " of " +
                                              std::to_string(total) + " in use") +
                     field("Encryption", encryption_text(image)) + oci_text(listing);
  for (const ListedGroup& group : listing.groups) text += group_text(group);
  if (!listing.ungrouped.empty()) {
    text += "In no group: " + objects_text(listing.ungrouped) + "; cannot be signed\n";
  }
  const std::string line = std::string(kTableWidth, '-') + "\n";
  text += line + row("ID", "GROUP", "LINK", "SIF POSITION (start-end)", "TYPE") + line;
  for (const sif::Descriptor& object : image.objects) {
    text += object_row(object, oci_role(listing, object));
  }
  return text;
}

}  // namespace sifguard
