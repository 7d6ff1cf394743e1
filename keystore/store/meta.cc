// The meta.yaml of a key and of a signer: text to record and back. Pure.
#include "keystore/store/meta.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/store/strict_json.h"

namespace sifguard {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array kStates = {KeyState::active, KeyState::retired, KeyState::suspended,
                                KeyState::revoked, KeyState::destroyed};

std::string text_of(const nlohmann::ordered_json& value) {
  // Never throws: what is not UTF-8 (a user id can be anything) is replaced.
  return value.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void check_version(StrictObject& object) {
  if (object.integer("version") != kVersion) object.reject("unknown version");
}

KeyState read_state(StrictObject& object) {
  const std::string name = object.string("state");
  for (const KeyState state : kStates) {
    if (key_state_name(state) == name) return state;
  }
  object.reject("unknown state '" + name + "'");
  return KeyState::destroyed;
}

Result<KeyRule> read_rule(StrictObject object) {
  KeyRule rule;
  rule.signers = object.strings("signers");
  rule.users = object.strings("users");
  rule.groups = object.strings("groups");
  rule.everyone = object.boolean("everyone");
  for (const auto& signer : rule.signers) {
    if (!is_upper_hex(signer, 40)) object.reject("'" + signer + "' is not a full fingerprint");
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

std::string_view key_state_name(KeyState state) noexcept {
  switch (state) {
    case KeyState::active:
      return "active";
    case KeyState::retired:
      return "retired";
    case KeyState::suspended:
      return "suspended";
    case KeyState::revoked:
      return "revoked";
    case KeyState::destroyed:
      return "destroyed";
  }
  return "destroyed";
}

std::string key_meta(const KeyRecord& key) {
  return text_of({{"version", kVersion},
                  {"id", key.id},
                  {"name", key.name},
                  {"thumbprint", key.thumbprint},
                  {"state", key_state_name(key.state)},
                  {"bits", key.bits},
                  {"created", key.created},
                  {"private", key.has_private},
                  {"rule",
                   {{"signers", key.rule.signers},
                    {"users", key.rule.users},
                    {"groups", key.rule.groups},
                    {"everyone", key.rule.everyone}}}});
}

std::string signer_meta(const SignerRecord& signer) {
  return text_of({{"version", kVersion},
                  {"fingerprint", signer.fingerprint},
                  {"user_id", signer.user_id},
                  {"algorithm", signer.algorithm},
                  {"created", signer.created},
                  {"expires", signer.expires},
                  {"added", signer.added}});
}

Result<KeyRecord> parse_key_meta(std::string_view text, const std::string& id,
                                 const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  KeyRecord key;
  check_version(object);
  key.id = object.string("id");
  key.name = object.string("name");
  key.thumbprint = object.string("thumbprint");
  key.state = read_state(object);
  const std::int64_t bits = object.integer("bits");
  key.created = object.integer("created");
  key.has_private = object.boolean("private");
  auto rule = read_rule(object.object("rule"));
  if (key.id != id) object.reject("its id is not the name of its directory");
  if (!is_name(key.name)) object.reject("bad name '" + key.name + "'");
  if (!key.thumbprint.empty() && !is_lower_hex(key.thumbprint, 40)) {
    object.reject("bad thumbprint '" + key.thumbprint + "'");
  }
  if (bits < 2048 || bits > 8192) object.reject("bad number of bits");
  SG_CHECK(object.finish());
  if (!rule) return tl::unexpected(std::move(rule).error());
  key.bits = static_cast<int>(bits);
  key.rule = *std::move(rule);
  return key;
}

Result<SignerRecord> parse_signer_meta(std::string_view text, const std::string& fingerprint,
                                       const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  SignerRecord signer;
  check_version(object);
  signer.fingerprint = object.string("fingerprint");
  signer.user_id = object.string("user_id");
  signer.algorithm = object.string("algorithm");
  signer.created = object.integer("created");
  signer.expires = object.integer("expires");
  signer.added = object.integer("added");
  if (signer.fingerprint != fingerprint) {
    object.reject("its fingerprint is not the name of its directory");
  }
  SG_CHECK(object.finish());
  return signer;
}

}  // namespace sifguard
