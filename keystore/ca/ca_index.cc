// The index of a CA. Pure.
#include "keystore/ca/ca_index.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/base/format_version.h"
#include "keystore/base/strict_json.h"
#include "keystore/base/text.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/meta.h"

namespace sifguard {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kVersionWithCompromised = 2;
constexpr std::int64_t kVersionWithPurgedRevocations = 3;
constexpr std::size_t kMaxSerialDigits = 40;
constexpr std::size_t kSpkiDigits = 64;

bool is_serial(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSerialDigits && text.size() % 2 == 0 &&
         is_lower_hex(text, text.size());
}

ordered_json to_json(const IssuedCertificate& one) {
  return {{"serial", one.serial},
          {"issuer", one.issuer},
          {"profile", std::string(profile_name(one.profile))},
          {"name", one.name},
          {"subject", one.subject},
          {"names", one.names},
          {"spki", one.spki},
          {"from", one.from},
          {"until", one.until},
          {"revoked_at", one.revoked_at},
          {"reason", one.reason}};
}

Result<IssuedCertificate> issued_from(StrictObject& object) {
  IssuedCertificate one;
  one.serial = object.string("serial");
  one.issuer = object.string("issuer");
  const auto profile = profile_from(object.string("profile"));
  one.name = object.string("name");
  one.subject = object.string("subject");
  one.names = object.strings("names");
  one.spki = object.string("spki");
  one.from = object.integer("from");
  one.until = object.integer("until");
  one.revoked_at = object.integer("revoked_at");
  one.reason = object.string("reason");
  if (!is_serial(one.serial)) object.reject("not a serial number");
  if (!is_name(one.issuer)) object.reject("not an authority's name");
  if (!is_name(one.name)) object.reject("not a name");
  if (!profile) object.reject("unknown profile");
  if (!is_lower_hex(one.spki, kSpkiDigits)) object.reject("not a key's digest");
  if (one.revoked_at < 0 || one.from <= 0 || one.until < one.from) object.reject("absurd times");
  const bool revoked = one.revoked_at > 0;
  if (revoked && !check_revocation_reason(one.reason)) object.reject("unknown reason");
  if (!revoked && !one.reason.empty()) object.reject("a reason, but not revoked");
  SG_CHECK(object.finish());
  one.profile = *profile;
  return one;
}

Status read_crls(std::vector<StrictObject> objects, CaIndex& index) {
  for (StrictObject& object : objects) {
    const std::string issuer = object.string("issuer");
    const LastCrl last{object.integer("number"), object.integer("made")};
    if (last.number < 0 || last.made < 0) object.reject("absurd numbers");
    if (!index.crls.emplace(issuer, last).second) object.reject("repeated");
    SG_CHECK(object.finish());
  }
  return {};
}

void read_revocation(StrictObject& object, PurgedCertificate& one) {
  one.until = object.integer("until");
  one.revoked_at = object.integer("revoked_at");
  one.reason = object.string("reason");
  const bool revoked = one.revoked_at > 0;
  if (one.revoked_at < 0 || one.until < 0) object.reject("absurd times");
  if (revoked && !check_revocation_reason(one.reason)) object.reject("unknown reason");
  if (!revoked && !one.reason.empty()) object.reject("a reason, but not revoked");
}

Status read_purged(std::vector<StrictObject> objects, std::int64_t version, CaIndex& index) {
  for (StrictObject& object : objects) {
    PurgedCertificate one{object.string("serial"), object.string("issuer")};
    if (!is_serial(one.serial)) object.reject("not a serial number");
    if (version == kVersionWithPurgedRevocations) read_revocation(object, one);
    SG_CHECK(object.finish());
    index.purged.push_back(std::move(one));
  }
  return {};
}

Status read_compromised(StrictObject& object, CaIndex& index) {
  for (std::string& spki : object.strings("compromised")) {
    if (!is_lower_hex(spki, kSpkiDigits)) object.reject("not a key's digest");
    index.compromised.insert(std::move(spki));
  }
  return object.finish();
}

Status check_unique(const CaIndex& index, const std::string& where) {
  std::set<std::string_view> serials;
  for (const IssuedCertificate& one : index.issued) {
    if (!serials.insert(one.serial).second) {
      return fail(Code::config, where + ": serial " + one.serial + " is repeated");
    }
  }
  return {};
}

/// How bad a reason is; 0 for none.
int severity(std::string_view reason) noexcept {
  if (reason == "keyCompromise") return 6;
  if (reason == "cACompromise") return 5;
  if (reason == "aACompromise") return 4;
  if (reason == "unspecified") return 3;
  if (reason == "superseded") return 1;
  return reason.empty() ? 0 : 2;
}

/// The worse of both revocations; of two that are as bad, the one that came first. False when that
/// is what `own` says already.
template <typename Own, typename Other>
bool take_worse(Own& own, const Other& other) {
  if (other.revoked_at == 0) return false;
  const Own before = own;
  const bool first = own.revoked_at == 0 || other.revoked_at < own.revoked_at;
  const bool as_bad = severity(other.reason) == severity(own.reason);
  const bool earlier = first || (other.revoked_at == own.revoked_at && other.reason < own.reason);
  if (as_bad ? earlier : is_worse_reason(other.reason, own.reason)) own.reason = other.reason;
  if (first) own.revoked_at = other.revoked_at;
  return own.reason != before.reason || own.revoked_at != before.revoked_at;
}

/// What is said of the keys, by any certificate of each: the worst.
std::map<std::string_view, IssuedCertificate> revoked_keys(const CaIndex& index) {
  std::map<std::string_view, IssuedCertificate> keys;
  for (const IssuedCertificate& one : index.issued) {
    if (one.revoked_at == 0 || !concerns_key(one, one.reason)) continue;
    const auto [at, is_new] = keys.emplace(one.spki, one);
    if (!is_new) take_worse(at->second, one);
  }
  return keys;
}

/// The index that a merge makes may know a compromise from one side and another certificate of the
/// key from the other. Returns how many certificates are revoked by that.
std::size_t revoke_by_keys(CaIndex& index) {
  const auto keys = revoked_keys(index);
  std::size_t changes = 0;
  for (IssuedCertificate& one : index.issued) {
    IssuedCertificate by = one;
    by.revoked_at = 0;
    if (const auto at = keys.find(one.spki); at != keys.end()) by = at->second;
    if (by.revoked_at == 0 && index.compromised.contains(one.spki)) {
      by.revoked_at = one.from;  // nothing is left that says since when
      by.reason = "keyCompromise";
    }
    if (!is_worse_reason(by.revoked_at == 0 ? "" : by.reason, one.reason)) continue;
    if (one.revoked_at == 0) one.revoked_at = std::max(by.revoked_at, one.from);
    one.reason = by.reason;
    ++changes;
  }
  return changes;
}

template <typename List>
auto find_serial(List& list, std::string_view serial) noexcept {
  return std::find_if(list.begin(), list.end(),
                      [&](const auto& one) { return one.serial == serial; });
}

}  // namespace

bool is_own_intermediate(const IssuedCertificate& one) noexcept {
  return one.profile == Profile::intermediate && !one.name.starts_with(kAdopted);
}

bool is_compromise(std::string_view reason) noexcept {
  return reason == "keyCompromise" || reason == "cACompromise";
}

bool is_worse_reason(std::string_view reason, std::string_view other) noexcept {
  return severity(reason) > severity(other);
}

bool concerns_key(const IssuedCertificate& one, std::string_view reason) noexcept {
  return is_compromise(reason) || (one.profile == Profile::intermediate && reason != "superseded");
}

std::string_view certificate_state_name(CertificateState state) noexcept {
  switch (state) {
    case CertificateState::valid:
      return "valid";
    case CertificateState::expiring:
      return "expiring";
    case CertificateState::expired:
      return "expired";
    case CertificateState::issuer_revoked:
      return "issuer revoked";
    case CertificateState::revoked:
      break;
  }
  return "revoked";
}

CertificateState state_of(const IssuedCertificate& one, std::int64_t now, std::int64_t soon,
                          bool intermediate_good) noexcept {
  if (one.revoked_at > 0) return CertificateState::revoked;
  if (one.until <= now) return CertificateState::expired;
  if (!intermediate_good && one.issuer == kIntermediateAuthority) {
    return CertificateState::issuer_revoked;
  }
  return one.until - now <= soon ? CertificateState::expiring : CertificateState::valid;
}

IssuedCertificate* CaIndex::find(std::string_view serial) noexcept {
  const auto found = find_serial(issued, serial);
  return found == issued.end() ? nullptr : &*found;
}

const IssuedCertificate* CaIndex::find(std::string_view serial) const noexcept {
  const auto found = find_serial(issued, serial);
  return found == issued.end() ? nullptr : &*found;
}

bool CaIndex::has_intermediate() const {
  const auto by_it = [](const auto& one) { return one.issuer == kIntermediateAuthority; };
  return crls.contains(kIntermediateAuthority) ||
         std::any_of(issued.begin(), issued.end(), is_own_intermediate) ||
         std::any_of(issued.begin(), issued.end(), by_it) ||
         std::any_of(purged.begin(), purged.end(), by_it);
}

bool CaIndex::is_intermediate_good(std::int64_t now) const noexcept {
  bool knows_one = false;
  bool has_good = false;
  for (const IssuedCertificate& one : issued) {
    if (!is_own_intermediate(one)) continue;
    if (one.revoked_at > 0 && concerns_key(one, one.reason)) return false;
    knows_one = true;
    has_good = has_good || (one.revoked_at == 0 && one.until > now);
  }
  return has_good || !knows_one;
}

bool CaIndex::is_compromised(std::string_view spki) const noexcept {
  const bool is_purged = std::any_of(compromised.begin(), compromised.end(),
                                     [&](const std::string& one) { return one == spki; });
  return is_purged || std::any_of(issued.begin(), issued.end(), [&](const IssuedCertificate& one) {
           return one.spki == spki && is_compromise(one.reason);
         });
}

bool CaIndex::knows(std::string_view serial) const noexcept {
  return find(serial) != nullptr || find_serial(purged, serial) != purged.end();
}

namespace {

std::int64_t version_of(const CaIndex& index) {
  const bool revocations =
      std::any_of(index.purged.begin(), index.purged.end(),
                  [](const PurgedCertificate& one) { return one.revoked_at > 0; });
  if (revocations) return kVersionWithPurgedRevocations;
  return index.compromised.empty() ? kVersion : kVersionWithCompromised;
}

ordered_json to_json(const PurgedCertificate& one, std::int64_t version) {
  ordered_json object = {{"serial", one.serial}, {"issuer", one.issuer}};
  if (version == kVersionWithPurgedRevocations) {
    object["until"] = one.until;
    object["revoked_at"] = one.revoked_at;
    object["reason"] = one.reason;
  }
  return object;
}

}  // namespace

std::string format_ca_index(const CaIndex& index) {
  const std::int64_t version = version_of(index);
  ordered_json crls = ordered_json::array();
  for (const auto& [issuer, last] : index.crls) {
    crls.push_back({{"issuer", issuer}, {"number", last.number}, {"made", last.made}});
  }
  ordered_json purged = ordered_json::array();
  for (const PurgedCertificate& one : index.purged) {
    purged.push_back(to_json(one, version));
  }
  ordered_json issued = ordered_json::array();
  for (const IssuedCertificate& one : index.issued) issued.push_back(to_json(one));
  ordered_json all = {{"version", version},         {"crl_url", index.crl_url},
                      {"ocsp_url", index.ocsp_url}, {"crls", crls},
                      {"issued", issued},           {"purged", purged}};
  if (version >= kVersionWithCompromised) all["compromised"] = index.compromised;
  return all.dump(0, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

Result<CaIndex> parse_ca_index(std::string_view text, const std::string& where) {
  StrictObject object = StrictObject::parse(text, where, {.max_bytes = kMaxCaIndex});
  CaIndex index;
  const std::int64_t version = read_version(object, kVersion, kVersionWithPurgedRevocations);
  index.crl_url = object.string("crl_url");
  index.ocsp_url = object.string("ocsp_url");
  auto crls = object.objects("crls");
  auto issued = object.objects("issued");
  auto purged = object.objects("purged");
  if (version >= kVersionWithCompromised) SG_CHECK(read_compromised(object, index));
  SG_CHECK(object.finish());
  SG_CHECK(read_crls(std::move(crls), index));
  for (StrictObject& one : issued) {
    SG_TRY(IssuedCertificate certificate, issued_from(one));
    index.issued.push_back(std::move(certificate));
  }
  SG_CHECK(read_purged(std::move(purged), version, index));
  SG_CHECK(check_unique(index, where));
  return index;
}

PurgedCertificate purged_of(const IssuedCertificate& one) {
  if (one.revoked_at == 0) return {one.serial, one.issuer};
  return {one.serial, one.issuer, one.until, one.revoked_at, one.reason};
}

namespace {

/// What another index knows of a certificate that was purged there. 1 if that revokes it here, or
/// for a worse reason.
std::size_t take_purged(CaIndex& index, const PurgedCertificate& one) {
  if (IssuedCertificate* const own = index.find(one.serial); own != nullptr) {
    return take_worse(*own, one) ? 1 : 0;
  }
  const auto own =
      std::find_if(index.purged.begin(), index.purged.end(),
                   [&](const PurgedCertificate& purged) { return purged.serial == one.serial; });
  if (own == index.purged.end()) {
    index.purged.push_back(one);
    return 0;
  }
  own->until = std::max(own->until, one.until);
  return take_worse(*own, one) ? 1 : 0;
}

}  // namespace

std::size_t merge_ca_index(CaIndex& index, const CaIndex& other) {
  std::size_t changes = 0;
  index.compromised.insert(other.compromised.begin(), other.compromised.end());
  for (const PurgedCertificate& one : other.purged) changes += take_purged(index, one);
  for (const IssuedCertificate& one : other.issued) {
    if (IssuedCertificate* const own = index.find(one.serial); own != nullptr) {
      if (!take_worse(*own, one)) continue;
    } else if (index.knows(one.serial)) {  // purged here: of what the other says this stays
      if (is_compromise(one.reason)) index.compromised.insert(one.spki);
      if (take_purged(index, purged_of(one)) == 0) continue;
    } else {
      index.issued.push_back(one);
    }
    ++changes;
  }
  for (const auto& [issuer, last] : other.crls) {
    LastCrl& own = index.crls[issuer];
    own.number = std::max(own.number, last.number);
    own.made = std::max(own.made, last.made);
  }
  return changes + revoke_by_keys(index);
}

}  // namespace sifguard
