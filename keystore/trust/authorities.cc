// The CAs of a keystore, and the revocation lists in it that they signed. The owner of the
// keystore, in `sifctl`.
#include "keystore/trust/authorities.h"

#include <algorithm>

#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {
namespace {

constexpr std::size_t kShownDigits = 16;

}  // namespace

Result<std::vector<Certificate>> known_authorities(const Keystore& keystore) {
  std::vector<Certificate> all;
  for (const TrustKind kind : {TrustKind::root, TrustKind::intermediate}) {
    SG_TRY(const auto items, trust_items(keystore, kind));
    for (const TrustItem& item : items) {
      auto some = parse_bundle(item.text);
      if (!some) {
        const std::string id = item.name.substr(0, kShownDigits);
        return fail(Code::config,
                    std::string(trust_kind_name(kind)) + " " + id + ": " + some.error().what(),
                    "remove it: sifctl trust remove " + id);
      }
      for (Certificate& one : *some) all.push_back(std::move(one));
    }
  }
  return all;
}

Result<TrustFile> kept_list(const TrustItem& item, const std::vector<Certificate>& authorities) {
  return accept_revocation_list(item.text, authorities, kForever - kClockSkew);
}

std::vector<StoredList> usable_lists(const std::vector<TrustItem>& items,
                                     const std::vector<Certificate>& authorities) {
  std::vector<StoredList> lists;
  for (const TrustItem& item : items) {
    auto list = kept_list(item, authorities);
    if (list) lists.push_back({item.name, *std::move(list)});
  }
  return lists;
}

const StoredList* find_series(const std::vector<StoredList>& lists, const std::string& series) {
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const StoredList& one) { return one.list.name == series; });
  return found == lists.end() ? nullptr : &*found;
}

}  // namespace sifguard
