// Revocation lists and OCSP responses of a keystore whose content another takes the place of. The
// owner of the keystore, in `sifctl`.
#include "keystore/trust/newer.h"

#include <algorithm>

#include "keystore/trust/authorities.h"
#include "keystore/x509/chain_links.h"
#include "keystore/x509/ocsp_answer.h"

namespace sifguard {
namespace {

using Texts = std::vector<std::string>;
using Entry = std::pair<TrustKind, TrustItem>;

Texts texts_of(const StoreContent& content, TrustKind kind) {
  Texts all;
  for (const auto& [of, item] : content.trust) {
    if (of == kind) all.push_back(item.text);
  }
  return all;
}

std::vector<TrustItem> items_of(const StoreContent& content, TrustKind kind) {
  std::vector<TrustItem> all;
  for (const auto& [of, item] : content.trust) {
    if (of == kind) all.push_back(item);
  }
  return all;
}

void replace_items(StoreContent& content, TrustKind kind, std::vector<TrustItem> items) {
  std::erase_if(content.trust, [&](const Entry& one) { return one.first == kind; });
  for (TrustItem& item : items) content.trust.emplace_back(kind, std::move(item));
}

Result<std::vector<Certificate>> authorities_of(const StoreContent& content) {
  std::vector<Certificate> all;
  for (const TrustKind kind : {TrustKind::root, TrustKind::intermediate}) {
    for (const std::string& pem : texts_of(content, kind)) {
      SG_TRY(auto some, parse_bundle(pem));
      for (Certificate& one : some) all.push_back(std::move(one));
    }
  }
  return all;
}

Status keep_lists(const Keystore& keystore, StoreContent& incoming, Texts& notes) {
  SG_TRY(const auto authorities, authorities_of(incoming));
  SG_TRY(const auto held, trust_items(keystore, TrustKind::crl));
  const auto own = usable_lists(held, authorities);
  std::vector<TrustItem> kept;
  std::vector<StoredList> theirs;
  for (TrustItem& item : items_of(incoming, TrustKind::crl)) {
    auto list = kept_list(item, authorities);
    if (!list) {
      notes.push_back("left out: " + list.error().what());
      continue;
    }
    const StoredList* const ours = find_series(own, list->name);
    const std::string why = ours == nullptr ? "" : why_not_newer(*list, ours->list);
    if (!why.empty()) {
      notes.push_back("the revocation list of '" + list->subject + "' " + why + ", which stays");
      item.text = ours->list.pem;
    }
    theirs.push_back({item.name, *std::move(list)});
    kept.push_back(std::move(item));
  }
  for (const StoredList& ours : own) {
    if (find_series(theirs, ours.list.name) != nullptr) continue;
    const bool taken = std::any_of(kept.begin(), kept.end(),
                                   [&](const TrustItem& one) { return one.name == ours.name; });
    kept.push_back({taken ? ours.list.name : ours.name, ours.list.pem});
  }
  replace_items(incoming, TrustKind::crl, std::move(kept));
  return {};
}

/// The chains of all signers that `content` has.
Result<std::vector<ChainLink>> links_of(const StoreContent& content, std::int64_t now) {
  SG_TRY(const TrustAnchors anchors,
         TrustAnchors::parse(texts_of(content, TrustKind::root),
                             texts_of(content, TrustKind::intermediate)));
  std::vector<ChainLink> links;
  for (const SignerEntry& signer : content.signers) {
    if (signer.record.type() != SignerType::certificate) continue;
    const auto certificate = parse_one_certificate(signer.key);
    if (!certificate) continue;
    SG_TRY(const Chain chain, anchors.chain_of(certificate->get(), now));
    if (chain.status == CertificateStatus::good) add_links(chain, links);
  }
  return links;
}

const TrustItem* find(const std::vector<TrustItem>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const TrustItem& one) { return one.name == name; });
  return found == items.end() ? nullptr : &*found;
}

Status keep_responses(const Keystore& keystore, StoreContent& incoming, std::int64_t now) {
  SG_TRY(const auto held, trust_items(keystore, TrustKind::response));
  if (held.empty()) return {};
  SG_TRY(const auto links, links_of(incoming, now));
  std::vector<TrustItem> kept = items_of(incoming, TrustKind::response);
  const CrlSet lists = CrlSet::parse(texts_of(incoming, TrustKind::crl));
  const Result<OcspAnswer> none = fail(Code::refused, "none");
  for (const ChainLink& link : links) {
    const auto answer_in = [&](const TrustItem& item) {
      return read_kept_answer(item.text, link.certificate.get(), link.issuer.get(), lists, now);
    };
    const TrustItem* const ours = find(held, link.name);
    const Result<OcspAnswer> known = ours == nullptr ? none : answer_in(*ours);
    if (!known) continue;
    const TrustItem* const theirs = find(kept, link.name);
    const Result<OcspAnswer> fresh = theirs == nullptr ? none : answer_in(*theirs);
    if (fresh && may_replace(*fresh, *known)) continue;
    std::erase_if(kept, [&](const TrustItem& one) { return one.name == link.name; });
    kept.push_back(*ours);
  }
  replace_items(incoming, TrustKind::response, std::move(kept));
  return {};
}

}  // namespace

Result<std::vector<std::string>> keep_newer_proofs(const Keystore& keystore, StoreContent& incoming,
                                                   std::int64_t now) {
  Texts notes;
  SG_CHECK(keep_lists(keystore, incoming, notes));
  SG_CHECK(keep_responses(keystore, incoming, now));
  return notes;
}

}  // namespace sifguard
