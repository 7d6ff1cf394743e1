// The meta.json of a key and of a signer: text to record and back. Pure.
#include "keystore/store/meta.h"

#include <nlohmann/json.hpp>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/crypto/rsa_bits.h"
#include "keystore/crypto/token_key.h"

namespace sifguard {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kSignerVersion = 3;  // 2 knew no states of a signer
// Version 1 knew no history of a key. 3 is written for a rule that wants several signatures alone:
// what reads only 2 must refuse such a key, and no other.
constexpr std::int64_t kKeyVersion = 2;
constexpr std::int64_t kKeyVersionAllOf = 3;

std::string text_of(const nlohmann::ordered_json& value) {
  // Never throws: what is not UTF-8 (a user id can be anything) is replaced.
  return value.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

KeyState read_state(StrictObject& object, const char* field) {
  const std::string name = object.string(field);
  if (const auto state = key_state_from(name)) return *state;
  object.reject("unknown state '" + name + "'");
  return KeyState::destroyed;
}

/// The forms of keystore/policy/signer_id.h, as far as they matter here.
bool may_be_named(std::string_view signer) {
  return is_upper_hex(signer, 40) || (signer.starts_with("spki:") && is_signer_id(signer)) ||
         (signer.starts_with("x509:") && is_utf8(signer));
}

/// What version 2 added: since when the state is what it is, and what came before.
void read_history(StrictObject& object, KeyRecord& key) {
  key.state_since = object.integer("since");
  const std::string previous = object.string("previous");
  key.previous_state = key_state_from(previous);
  if (!previous.empty() && !key.previous_state) object.reject("unknown state '" + previous + "'");
  key.reason = object.string("reason");
  if (!key.reason.empty() && !check_revocation_reason(key.reason)) {
    object.reject("unknown reason '" + key.reason + "'");
  }
  key.predecessor = object.string("predecessor");
  if (!key.predecessor.empty() && !is_lower_hex(key.predecessor, 64)) {
    object.reject("bad predecessor '" + key.predecessor + "'");
  }
  key.token = object.string("token");
  if (!key.token.empty() && !check_token_uri(key.token)) object.reject("bad token");
  key.image = object.string("image");
  const bool digest = key.image.starts_with("sha256:") && is_lower_hex(key.image.substr(7), 64);
  if (!key.image.empty() && !digest) object.reject("bad image '" + key.image + "'");
}

void read_signer_state(StrictObject& object, SignerRecord& signer) {
  const std::string name = object.string("state");
  const auto state = signer_state_from(name);
  if (!state) object.reject("unknown state '" + name + "'");
  signer.state = state.value_or(SignerState::revoked);
  signer.state_at = object.integer("at");
  signer.reason = object.string("reason");
  const bool revoked = signer.state == SignerState::revoked;
  if (revoked ? !check_revocation_reason(signer.reason) : !signer.reason.empty()) {
    object.reject("unknown reason '" + signer.reason + "'");
  }
}

Result<KeyRule> read_rule(StrictObject object, std::int64_t version) {
  KeyRule rule;
  rule.signers = object.strings("signers");
  rule.users = object.strings("users");
  rule.groups = object.strings("groups");
  rule.everyone = object.boolean("everyone");
  if (version == kKeyVersionAllOf) rule.all_of = object.strings("all_of");
  for (const auto* names : {&rule.signers, &rule.all_of}) {
    for (const auto& signer : *names) {
      if (!may_be_named(signer)) object.reject("'" + signer + "' does not name a signer");
    }
  }
  SG_CHECK(object.finish());
  return rule;
}

bool all_hex(std::string_view text, std::size_t digits, std::string_view alphabet) noexcept {
  return text.size() == digits && text.find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

bool is_lower_hex(std::string_view text, std::size_t digits) noexcept {
  return all_hex(text, digits, "0123456789abcdef");
}

bool is_upper_hex(std::string_view text, std::size_t digits) noexcept {
  return all_hex(text, digits, "0123456789ABCDEF");
}

std::string key_meta(const KeyRecord& key) {
  nlohmann::ordered_json rule = {{"signers", key.rule.signers},
                                 {"users", key.rule.users},
                                 {"groups", key.rule.groups},
                                 {"everyone", key.rule.everyone}};
  if (!key.rule.all_of.empty()) rule["all_of"] = key.rule.all_of;
  return text_of({{"version", key.rule.all_of.empty() ? kKeyVersion : kKeyVersionAllOf},
                  {"id", key.id},
                  {"name", key.name},
                  {"thumbprint", key.thumbprint},
                  {"state", key_state_name(key.state)},
                  {"since", key.state_since},
                  {"previous", key.previous_state ? key_state_name(*key.previous_state) : ""},
                  {"reason", key.reason},
                  {"predecessor", key.predecessor},
                  {"token", key.token},
                  {"image", key.image},
                  {"bits", key.bits},
                  {"created", key.created},
                  {"private", key.has_private},
                  {"rule", rule}});
}

bool is_signer_id(std::string_view id) noexcept {
  if (id.starts_with("spki:") || id.starts_with("cert:")) return is_lower_hex(id.substr(5), 64);
  return is_upper_hex(id, 40);
}

std::string signer_meta(const SignerRecord& signer) {
  return text_of({{"version", kSignerVersion},
                  {"id", signer.id},
                  {"label", signer.label},
                  {"algorithm", signer.algorithm},
                  {"created", signer.created},
                  {"expires", signer.expires},
                  {"added", signer.added},
                  {"names", signer.names},
                  {"state", signer_state_name(signer.state)},
                  {"at", signer.state_at},
                  {"reason", signer.reason}});
}

Result<KeyRecord> parse_key_meta(std::string_view text, const std::string& id,
                                 const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  KeyRecord key;
  const std::int64_t version = read_version(object, kVersion, kKeyVersionAllOf);
  key.id = object.string("id");
  key.name = object.string("name");
  key.thumbprint = object.string("thumbprint");
  key.state = read_state(object, "state");
  const std::int64_t bits = object.integer("bits");
  key.created = object.integer("created");
  key.state_since = key.created;
  if (version >= kKeyVersion) read_history(object, key);
  key.has_private = object.boolean("private");
  auto rule = read_rule(object.object("rule"), version);
  if (key.id != id) object.reject("its id is not the name of its directory");
  if (!is_name(key.name)) object.reject("bad name '" + key.name + "'");
  if (!key.thumbprint.empty() && !is_lower_hex(key.thumbprint, 40)) {
    object.reject("bad thumbprint '" + key.thumbprint + "'");
  }
  if (bits < kMinRsaBits || bits > kMaxRsaBits) object.reject("bad number of bits");
  SG_CHECK(object.finish());
  if (!rule) return tl::unexpected(std::move(rule).error());
  key.bits = static_cast<int>(bits);
  key.rule = *std::move(rule);
  return key;
}

Result<SignerRecord> parse_signer_meta(std::string_view text, const std::string& id,
                                       const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  SignerRecord signer;
  const std::int64_t version = read_version(object, 2, kSignerVersion);
  signer.id = object.string("id");
  signer.label = object.string("label");
  signer.algorithm = object.string("algorithm");
  signer.created = object.integer("created");
  signer.expires = object.integer("expires");
  signer.added = object.integer("added");
  signer.names = object.strings("names");
  if (version == kSignerVersion) read_signer_state(object, signer);
  if (signer.id != id) object.reject("its id is not that of its directory");
  const bool certificate = signer.type() == SignerType::certificate;
  if (signer.names.empty() || (!certificate && signer.names != std::vector{signer.id})) {
    object.reject("its names are not its own");
  }
  for (const auto& name : signer.names) {
    if (!may_be_named(name) || certificate != name.starts_with("x509:")) {
      object.reject("'" + name + "' is not a name of such a signer");
    }
  }
  SG_CHECK(object.finish());
  return signer;
}

}  // namespace sifguard
