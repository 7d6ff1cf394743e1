// Facts to JSON and back, for the root-owned cache. Root helper; the JSON is root's own, but half
// a file or one of another version must not pass for facts.
#include "helper/verify/image_facts.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "helper/sif/image.h"
#include "helper/verify/examined_facts.h"
#include "keystore/base/strict_json.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kForms = {"openpgp", "dsse", "legacy"};
constexpr std::array<std::string_view, 8> kStatuses = {
    "good", "bad", "unknown_key", "expired", "revoked", "weak", "malformed", "unsupported"};

constexpr std::uint64_t kMaxTime = INT64_MAX;
constexpr JsonRules kRules = {.code = Code::refused, .max_bytes = SIZE_MAX, .exact = true};

/// The position of a word in `names`, plus one, as an enumerator.
template <typename Enum, std::size_t N>
Enum word(StrictObject& object, const char* field, const std::array<std::string_view, N>& names) {
  const std::string text = object.string(field);
  const auto* const found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) object.reject("field '" + std::string(field) + "' has another word");
  return static_cast<Enum>(found - names.begin() + 1);
}

std::int64_t time_of(StrictObject& object, const char* field) {
  return static_cast<std::int64_t>(object.number<std::uint64_t>(field, kMaxTime));
}

json signature_to_json(const SignatureFact& fact) {
  return {{"object", fact.object_id},
          {"group", fact.group_id},
          {"form", form_name(fact.form)},
          {"status", status_name(fact.status)},
          {"signer", fact.signer},
          {"hash", fact.hash},
          {"made", fact.made},
          {"valid_until", fact.valid_until},
          {"covered", fact.covered},
          {"note", fact.note}};
}

Result<SignatureFact> signature_from(StrictObject& object) {
  SignatureFact fact;
  fact.object_id = object.number<std::uint32_t>("object");
  fact.group_id = object.number<std::uint32_t>("group");
  fact.form = word<SignatureForm>(object, "form", kForms);
  fact.status = word<SignatureStatus>(object, "status", kStatuses);
  fact.signer = object.string("signer");
  fact.hash = object.string("hash");
  fact.made = time_of(object, "made");
  fact.valid_until = time_of(object, "valid_until");
  fact.covered = object.numbers("covered");
  fact.note = object.string("note");
  SG_CHECK(object.finish());
  return fact;
}

Result<GroupFact> group_from(StrictObject& object) {
  GroupFact fact;
  fact.id = object.number<std::uint32_t>("id");
  fact.objects = object.numbers("objects");
  SG_CHECK(object.finish());
  return fact;
}

Status read_primary(StrictObject object, ImageFacts& facts) {
  facts.primary_partition_id = object.number<std::uint32_t>("id");
  facts.primary_fstype = object.number<std::uint8_t>("fstype");
  facts.primary.offset = object.number<std::uint64_t>("offset");
  facts.primary.size = object.number<std::uint64_t>("size");
  facts.architecture = object.string("architecture");
  return object.finish();
}

Status read_message(std::optional<StrictObject> object, ImageFacts& facts) {
  if (!object) return {};
  CryptoMessageFact message;
  message.offset = object->number<std::uint64_t>("offset");
  message.size = object->number<std::uint64_t>("size");
  facts.message = message;
  return object->finish();
}

Status read_oci(std::optional<StrictObject> object, ImageFacts& facts) {
  if (!object) return {};
  OciFact oci;
  auto layers = object->objects("layers");
  oci.env = object->strings("env");
  oci.entrypoint = object->strings("entrypoint");
  oci.cmd = object->strings("cmd");
  oci.working_dir = object->string("working_dir");
  SG_CHECK(object->finish());
  for (StrictObject& one : layers) {
    PartitionFact layer;
    layer.offset = one.number<std::uint64_t>("offset");
    layer.size = one.number<std::uint64_t>("size");
    SG_CHECK(one.finish());
    oci.layers.push_back(layer);
  }
  facts.oci = std::move(oci);
  return {};
}

json oci_to_json(const OciFact& oci) {
  json layers = json::array();
  for (const PartitionFact& layer : oci.layers) {
    layers.push_back({{"offset", layer.offset}, {"size", layer.size}});
  }
  return {{"layers", std::move(layers)},
          {"env", oci.env},
          {"entrypoint", oci.entrypoint},
          {"cmd", oci.cmd},
          {"working_dir", oci.working_dir}};
}

Result<ImageFacts> parse(std::string_view text) {
  StrictObject root = StrictObject::parse(text, "the facts", kRules);
  ImageFacts facts;
  if (root.number<std::uint8_t>("version") != 3) root.reject("not version 3 of the format");
  facts.image_size = root.number<std::uint64_t>("image_size");
  auto groups = root.objects("groups");
  facts.ungrouped = root.numbers("ungrouped");
  auto signatures = root.objects("signatures");
  StrictObject primary = root.object("primary");
  auto message = root.object_or_null("message");
  auto oci = root.object_or_null("oci");
  SG_CHECK(root.finish());
  for (StrictObject& one : groups) {
    SG_TRY(GroupFact group, group_from(one));
    facts.groups.push_back(std::move(group));
  }
  for (StrictObject& one : signatures) {
    SG_TRY(SignatureFact signature, signature_from(one));
    facts.signatures.push_back(std::move(signature));
  }
  SG_CHECK(read_primary(std::move(primary), facts));
  SG_CHECK(read_message(std::move(message), facts));
  SG_CHECK(read_oci(std::move(oci), facts));
  return facts;
}

}  // namespace

Encryption encryption_of(const ImageFacts& facts) noexcept {
  if (facts.message) return Encryption::for_key;
  return sif::is_encrypted(static_cast<sif::FileSystem>(facts.primary_fstype))
             ? Encryption::with_passphrase
             : Encryption::none;
}

std::string_view form_name(SignatureForm form) noexcept {
  return kForms[static_cast<std::size_t>(form) - 1];
}

std::string_view status_name(SignatureStatus status) noexcept {
  return kStatuses[static_cast<std::size_t>(status) - 1];
}

std::string facts_to_json(const ImageFacts& facts) {
  json groups = json::array();
  for (const GroupFact& group : facts.groups) {
    groups.push_back({{"id", group.id}, {"objects", group.objects}});
  }
  json signatures = json::array();
  for (const SignatureFact& fact : facts.signatures) signatures.push_back(signature_to_json(fact));
  json message;
  if (facts.message) {
    message = {{"offset", facts.message->offset}, {"size", facts.message->size}};
  }
  const json root = {{"version", 3},
                     {"image_size", facts.image_size},
                     {"groups", std::move(groups)},
                     {"ungrouped", facts.ungrouped},
                     {"signatures", std::move(signatures)},
                     {"primary",
                      {{"id", facts.primary_partition_id},
                       {"fstype", facts.primary_fstype},
                       {"offset", facts.primary.offset},
                       {"size", facts.primary.size},
                       {"architecture", facts.architecture}}},
                     {"message", std::move(message)},
                     {"oci", facts.oci ? oci_to_json(*facts.oci) : json()}};
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ExaminedFacts> facts_from_json(std::string_view text) {
  auto facts = parse(text);
  if (facts) return ExaminedFacts(*std::move(facts));
  return fail(Code::internal, "cached facts of an image: " + facts.error().what(),
              "remove the cache entry; the image is then verified again");
}

}  // namespace sifguard
