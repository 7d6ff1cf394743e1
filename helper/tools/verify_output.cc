// How `sif-verify` prints its result. The user's own process.
#include "helper/tools/verify_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/base/verdict_colour.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

bool covers(const SignatureFact& signature, std::uint32_t id) {
  return std::binary_search(signature.covered.begin(), signature.covered.end(), id);
}

/// The ids that a good signature goes by, certificates first: those are what people know.
std::vector<std::string> names_of(const SignatureFact& signature) {
  std::vector<std::string> names;
  for (const CertifiedName& name : signature.certified) names.push_back(name.id);
  if (!signature.signer.empty()) names.push_back(signature.signer);
  return names;
}

std::string encryption(const ImageFacts& facts) {
  if (facts.primary_fstype == static_cast<std::int32_t>(sif::FileSystem::luks_squashfs)) {
    return "luks";
  }
  if (facts.primary_fstype == static_cast<std::int32_t>(sif::FileSystem::gocryptfs_squashfs)) {
    return "gocryptfs";
  }
  return "none";
}

std::string oci_words(const ImageFacts& facts) {
  if (!facts.oci) return {};
  const std::size_t layers = facts.oci->layers.size();
  return "OCI image of " + std::to_string(layers) + (layers == 1 ? " layer, " : " layers, ");
}

std::string coverage(const Verification& found, std::uint32_t id) {
  std::string text;
  for (const SignatureFact& signature : found.facts->signatures) {
    if (signature.status != SignatureStatus::good || !covers(signature, id)) continue;
    text += (text.empty() ? "" : ", ") + names_of(signature).front();
  }
  return text.empty() ? "nobody who is trusted" : text;
}

std::string object_lines(const Verification& found) {
  std::string text;
  for (const sif::Descriptor& object : found.image->objects) {
    if (object.type == sif::DataType::signature) continue;
    text += "  " + object.shown() + " in " +
            (object.group == 0 ? "no group" : "group " + std::to_string(object.group)) +
            ": signed by " + coverage(found, object.id) + "\n";
  }
  return text;
}

std::string signature_lines(const ImageFacts& facts) {
  std::string text;
  for (const SignatureFact& signature : facts.signatures) {
    text += "  signature " + std::to_string(signature.object_id) + " (" +
            std::string(form_name(signature.form)) + ") over group " +
            std::to_string(signature.group_id) + ": " + std::string(status_name(signature.status));
    for (const std::string& name : names_of(signature)) text += ", " + name;
    if (!signature.hash.empty()) text += ", " + signature.hash;
    if (signature.made != 0) text += ", made " + format_utc(signature.made);
    if (signature.valid_until != 0) text += ", valid until " + format_utc(signature.valid_until);
    if (!signature.note.empty()) text += "; " + signature.note;
    text += "\n";
  }
  return text;
}

Json signature_json(const SignatureFact& signature) {
  Json certified = Json::array();
  for (const CertifiedName& name : signature.certified) {
    certified.push_back({{"id", name.id}, {"valid_until", utc_or_null(name.valid_until)}});
  }
  return {{"object", signature.object_id},
          {"group", signature.group_id},
          {"form", form_name(signature.form)},
          {"status", status_name(signature.status)},
          {"signer", text_or_null(signature.signer)},
          {"certified", std::move(certified)},
          {"hash", text_or_null(signature.hash)},
          {"made", utc_or_null(signature.made)},
          {"valid_until", utc_or_null(signature.valid_until)},
          {"covered", signature.covered},
          {"note", text_or_null(signature.note)}};
}

Json object_json(const Verification& found, const sif::Descriptor& object) {
  Json signers = Json::array();
  if (found.facts) {
    for (const SignatureFact& signature : found.facts->signatures) {
      if (signature.status != SignatureStatus::good || !covers(signature, object.id)) continue;
      for (const std::string& name : names_of(signature)) signers.push_back(name);
    }
  }
  return {{"id", object.id},
          {"type", sif::data_type_name(object.type)},
          {"name", object.name().empty() ? Json() : Json(printable(object.name()))},
          {"group", object.group == 0 ? Json(nullptr) : Json(object.group)},
          {"size", object.size},
          {"signers", std::move(signers)}};
}

}  // namespace

std::string verification_text(const Verification& found, bool colour) {
  std::string text = printable(found.path) + ": ";
  const std::string_view word = found.verdict ? "verified" : "not verified";
  text += colour ? in_colour_of(word, word) : std::string(word);
  if (found.verdict) {
    text += "\n";
  } else {
    text += ": " + one_line(found.error->what()) + "\n";
    if (!found.error->remedy().empty()) text += "  " + one_line(found.error->remedy()) + "\n";
  }
  if (!found.facts || !found.image) return text;
  const ImageFacts& facts = *found.facts;
  text += object_lines(found) + signature_lines(facts);
  text += "  " + oci_words(facts) + "architecture " +
          (facts.architecture.empty() ? "unknown" : facts.architecture) + ", encryption " +
          encryption(facts) +
          (encryption_of(facts) == Encryption::with_passphrase ? ", with a passphrase" : "") + "\n";
  if (found.verdict && found.verdict->valid_until() != 0) {
    text += "  holds until " + format_utc(found.verdict->valid_until()) + "\n";
  }
  return text;
}

nlohmann::ordered_json verification_json(const Verification& found) {
  Json root = {
      {"image", printable(found.path)},
      {"verified", found.verdict.has_value()},
      {"reason", found.error ? Json(found.error->what()) : Json(nullptr)},
      {"remedy", found.error ? text_or_null(found.error->remedy()) : Json(nullptr)},
      {"signers", found.verdict ? Json(found.verdict->signers()) : Json::array()},
      {"valid_until", found.verdict ? utc_or_null(found.verdict->valid_until()) : Json(nullptr)}};
  const auto fact = [&](const auto& value) {
    return found.facts ? Json(value(*found.facts)) : Json(nullptr);
  };
  root["size"] = fact([](const ImageFacts& facts) { return facts.image_size; });
  root["architecture"] = fact([](const ImageFacts& facts) { return facts.architecture; });
  root["encryption"] = fact(encryption);
  root["oci_layers"] = fact([](const ImageFacts& facts) {
    return facts.oci ? Json(facts.oci->layers.size()) : Json(nullptr);
  });
  Json objects = Json::array();
  if (found.image) {
    for (const sif::Descriptor& object : found.image->objects) {
      if (object.type != sif::DataType::signature) objects.push_back(object_json(found, object));
    }
  }
  root["objects"] = std::move(objects);
  Json signatures = Json::array();
  if (found.facts) {
    for (const auto& signature : found.facts->signatures) {
      signatures.push_back(signature_json(signature));
    }
  }
  root["signatures"] = std::move(signatures);
  return root;
}

}  // namespace sifguard
