// Facts to JSON and back, for the root-owned cache. Root helper; the JSON is root's own, but half
// a file or one of another version must not pass for facts.
#include "helper/verify/image_facts.h"

#include <array>

#include "helper/sif/image.h"
#include "helper/verify/examined_facts.h"
#include "helper/verify/wire/strict_json.h"

namespace sifguard {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kForms = {"openpgp", "dsse", "legacy"};
constexpr std::array<std::string_view, 8> kStatuses = {
    "good", "bad", "unknown_key", "expired", "revoked", "weak", "malformed", "unsupported"};

/// Takes typed members out of an object and remembers whether any was not of its type.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  template <typename Unsigned>
  void number(const char* key, Unsigned& out) {
    const json& value = object_[key];
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > UINT64_MAX >> (64 - 8 * sizeof(Unsigned))) {
      good_ = false;
    } else {
      out = value.get<Unsigned>();
    }
  }
  void time(const char* key, std::int64_t& out) {
    std::uint64_t value = 0;
    number(key, value);
    good_ = good_ && value <= INT64_MAX;
    out = static_cast<std::int64_t>(value);
  }
  void text(const char* key, std::string& out) {
    const json& value = object_[key];
    if (value.is_string()) {
      out = value.get<std::string>();
    } else {
      good_ = false;
    }
  }
  void ids(const char* key, std::vector<std::uint32_t>& out) {
    const json& list = object_[key];
    good_ = good_ && list.is_array();
    if (!good_) return;
    for (const json& value : list) {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX) {
        good_ = false;
        return;
      }
      out.push_back(value.get<std::uint32_t>());
    }
  }
  /// The position of a word in `names`, plus one, as an enumerator.
  template <typename Enum, std::size_t N>
  void word(const char* key, const std::array<std::string_view, N>& names, Enum& out) {
    const json& value = object_[key];
    for (std::size_t i = 0; value.is_string() && i < N; ++i) {
      if (value.get_ref<const std::string&>() != names[i]) continue;
      out = static_cast<Enum>(i + 1);
      return;
    }
    good_ = false;
  }
  [[nodiscard]] Status finish(const char* what) const {
    if (good_) return {};
    return fail(Code::refused, std::string("a value in ") + what + " has the wrong type or range");
  }

 private:
  const json& object_;
  bool good_ = true;
};

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

Result<SignatureFact> signature_from_json(const json& value) {
  SG_CHECK(check_keys(value,
                      {"object", "group", "form", "status", "signer", "hash", "made", "valid_until",
                       "covered", "note"},
                      "a signature"));
  SignatureFact fact;
  Fields fields(value);
  fields.number("object", fact.object_id);
  fields.number("group", fact.group_id);
  fields.word("form", kForms, fact.form);
  fields.word("status", kStatuses, fact.status);
  fields.text("signer", fact.signer);
  fields.text("hash", fact.hash);
  fields.time("made", fact.made);
  fields.time("valid_until", fact.valid_until);
  fields.ids("covered", fact.covered);
  fields.text("note", fact.note);
  SG_CHECK(fields.finish("a signature"));
  return fact;
}

Result<GroupFact> group_from_json(const json& value) {
  SG_CHECK(check_keys(value, {"id", "objects"}, "a group"));
  GroupFact fact;
  Fields fields(value);
  fields.number("id", fact.id);
  fields.ids("objects", fact.objects);
  SG_CHECK(fields.finish("a group"));
  return fact;
}

Status primary_from_json(const json& value, ImageFacts& facts) {
  SG_CHECK(check_keys(value, {"id", "fstype", "architecture"}, "primary"));
  Fields fields(value);
  std::uint8_t fstype = 0;
  fields.number("id", facts.primary_partition_id);
  fields.number("fstype", fstype);
  fields.text("architecture", facts.architecture);
  facts.primary_fstype = fstype;
  return fields.finish("primary");
}

Status message_from_json(const json& value, ImageFacts& facts) {
  if (value.is_null()) return {};
  SG_CHECK(check_keys(value, {"offset", "size"}, "message"));
  Fields fields(value);
  CryptoMessageFact message;
  fields.number("offset", message.offset);
  fields.number("size", message.size);
  facts.message = message;
  return fields.finish("message");
}

Result<ImageFacts> parse(std::string_view text) {
  SG_TRY(const json root, parse_strict_json(text));
  SG_CHECK(check_keys(
      root, {"version", "image_size", "groups", "ungrouped", "signatures", "primary", "message"},
      "the facts"));
  ImageFacts facts;
  Fields fields(root);
  std::uint8_t version = 0;
  fields.number("version", version);
  fields.number("image_size", facts.image_size);
  fields.ids("ungrouped", facts.ungrouped);
  SG_CHECK(fields.finish("the facts"));
  if (version != 1 || !root["groups"].is_array() || !root["signatures"].is_array()) {
    return fail(Code::refused, "not version 1 of the format");
  }
  for (const json& value : root["groups"]) {
    SG_TRY(GroupFact group, group_from_json(value));
    facts.groups.push_back(std::move(group));
  }
  for (const json& value : root["signatures"]) {
    SG_TRY(SignatureFact signature, signature_from_json(value));
    facts.signatures.push_back(std::move(signature));
  }
  SG_CHECK(primary_from_json(root["primary"], facts));
  SG_CHECK(message_from_json(root["message"], facts));
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
  const json root = {{"version", 1},
                     {"image_size", facts.image_size},
                     {"groups", std::move(groups)},
                     {"ungrouped", facts.ungrouped},
                     {"signatures", std::move(signatures)},
                     {"primary",
                      {{"id", facts.primary_partition_id},
                       {"fstype", facts.primary_fstype},
                       {"architecture", facts.architecture}}},
                     {"message", std::move(message)}};
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ExaminedFacts> facts_from_json(std::string_view text) {
  auto facts = parse(text);
  if (facts) return ExaminedFacts(*std::move(facts));
  return fail(Code::internal, "cached facts of an image: " + facts.error().what(),
              "remove the cache entry; the image is then verified again");
}

}  // namespace sifguard
