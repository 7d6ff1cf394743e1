// How the store key is kept: seal.json. Pure.
#include "keystore/store/store_key_seal.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/contains.h"
#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/crypto/token_key.h"
#include "keystore/store/meta.h"

namespace sifguard {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kIdDigits = 16;
constexpr std::array<std::string_view, 4> kCredsKeys = {"host", "tpm2", "host+tpm2", "auto"};
constexpr std::array<std::pair<SealMethod, std::string_view>, 3> kMethods = {
    {{SealMethod::file, "file"},
     {SealMethod::systemd_creds, "systemd-creds"},
     {SealMethod::pkcs11, "pkcs11"}}};

std::optional<SealMethod> method_from(std::string_view name) noexcept {
  for (const auto& [method, each] : kMethods) {
    if (each == name) return method;
  }
  return std::nullopt;
}

bool is_plain_path(std::string_view path) {
  return path.size() > 1 && path.front() == '/' && path.back() != '/' && is_utf8(path);
}

Status check_where(SealMethod method, std::string_view where) {
  if (method == SealMethod::file && !where.empty() && !is_plain_path(where)) {
    return fail(Code::usage, "not an absolute path: '" + std::string(where) + "'",
                "write file:/etc/sifguard/store.key, or file alone");
  }
  if (method == SealMethod::systemd_creds && !contains(kCredsKeys, where)) {
    return fail(Code::usage, "systemd-creds knows no key '" + std::string(where) + "'",
                "write systemd-creds:host, :tpm2, :host+tpm2 or :auto");
  }
  if (method == SealMethod::pkcs11) return check_token_uri(where);
  return {};
}

/// A file of the keystore by its name, or one elsewhere by its path.
bool is_stored_file(std::string_view where) {
  return is_plain_path(where) || (is_name(where) && where.ends_with(".key"));
}

Seal read_seal(StrictObject& object) {
  Seal seal;
  seal.key_id = object.string("id");
  const std::string name = object.string("method");
  seal.where = object.string("where");
  seal.sealed = object.string("sealed");
  const auto method = method_from(name);
  if (!is_lower_hex(seal.key_id, kIdDigits)) object.reject("bad id '" + seal.key_id + "'");
  if (!method) {
    object.reject("unknown method '" + name + "'");
    return seal;
  }
  seal.method = *method;
  const bool file = seal.method == SealMethod::file;
  if (file != seal.sealed.empty()) object.reject("'sealed' does not go with the method");
  if (file ? !is_stored_file(seal.where) : !check_where(seal.method, seal.where)) {
    object.reject("bad 'where' '" + seal.where + "'");
  }
  return seal;
}

}  // namespace

std::string_view seal_method_name(SealMethod method) noexcept {
  for (const auto& [each, name] : kMethods) {
    if (each == method) return name;
  }
  return "";
}

Result<SealOptions> parse_seal_options(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto method = method_from(text.substr(0, colon));
  if (!method) {
    return fail(Code::usage, "unknown way to seal: '" + std::string(text) + "'",
                "file[:/PATH], systemd-creds[:host|tpm2|host+tpm2|auto] or pkcs11:URI");
  }
  SealOptions options{*method, {}};
  if (*method == SealMethod::pkcs11) {
    if (colon == std::string_view::npos || colon + 1 == text.size()) {
      return fail(Code::usage, "no key of the token is named",
                  "write its URI, such as pkcs11:token=site;object=sifguard");
    }
    options.where = text;
  } else if (colon != std::string_view::npos) {
    options.where = text.substr(colon + 1);
    if (options.where.empty()) {
      return fail(Code::usage, "nothing after the colon: '" + std::string(text) + "'",
                  "leave the colon out, too");
    }
  }
  if (*method == SealMethod::systemd_creds && options.where.empty()) options.where = "auto";
  SG_CHECK(check_where(options.method, options.where));
  return options;
}

std::string describe_seal(const Seal& seal) {
  switch (seal.method) {
    case SealMethod::file:
      return "the file " + seal.where;
    case SealMethod::systemd_creds:
      return "systemd-creds (" + seal.where + ")";
    case SealMethod::pkcs11:
      return "the token key " + seal.where;
  }
  return {};
}

std::string format_seals(const std::vector<Seal>& seals) {
  auto list = nlohmann::ordered_json::array();
  for (const Seal& seal : seals) {
    list.push_back({{"id", seal.key_id},
                    {"method", seal_method_name(seal.method)},
                    {"where", seal.where},
                    {"sealed", seal.sealed}});
  }
  const nlohmann::ordered_json all = {{"version", kVersion}, {"keys", list}};
  return all.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<std::vector<Seal>> parse_seals(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where);
  (void)read_version(object, kVersion, kVersion);
  auto items = object.objects("keys");
  if (items.empty()) object.reject("no key is named");
  SG_CHECK(object.finish());
  std::vector<Seal> seals;
  for (StrictObject& item : items) {
    seals.push_back(read_seal(item));
    SG_CHECK(item.finish());
  }
  return seals;
}

}  // namespace sifguard
