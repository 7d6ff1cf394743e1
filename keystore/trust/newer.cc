// Revocation lists and OCSP responses of a keystore whose content is being replaced. The
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

void put_item(std::vector<TrustItem>& items, const TrustItem& item) {
  std::erase_if(items, [&](const TrustItem& one) { return one.name == item.name; });
  items.push_back(item);
}

Status keep_lists(const Keystore& keystore, StoreContent& incoming, std::int64_t now,
                  Texts& notes) {
  SG_TRY(const auto authorities, authorities_of(incoming));
  SG_TRY(const auto held, trust_items(keystore, TrustKind::crl));
  const auto coming = items_of(incoming, TrustKind::crl);
  std::vector<TrustItem> kept;
  for (const TrustItem& item : coming) {
    if (const auto list = kept_list(item, authorities); list) {
      kept.push_back(item);
    } else {
      notes.push_back("left out: " + list.error().what());
    }
  }
  for (const StayingList& ours : staying_lists(held, coming, authorities, now)) {
    if (!ours.why.empty()) {
      notes.push_back("the revocation list of '" + ours.subject + "' " + ours.why +
                      ", which stays");
    }
    put_item(kept, ours.item);
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
    if (fresh && may_replace(*fresh, *known, now)) continue;
    std::erase_if(kept, [&](const TrustItem& one) { return one.name == link.name; });
    kept.push_back(*ours);
  }
  replace_items(incoming, TrustKind::response, std::move(kept));
  return {};
}

}  // namespace

std::vector<StayingList> staying_lists(const std::vector<TrustItem>& own,
                                       const std::vector<TrustItem>& coming,
                                       const std::vector<Certificate>& authorities,
                                       std::int64_t now) {
  const auto theirs = usable_lists(coming, authorities);
  std::vector<StayingList> staying;
  for (const StoredList& ours : usable_lists(own, authorities)) {
    const std::string& series = ours.list.name;
    if (const StoredList* const other = find_series(theirs, series); other != nullptr) {
      const std::string why = why_not_newer(other->list, ours.list, now);
      if (why.empty()) continue;
      staying.push_back({{other->name, ours.list.pem}, ours.list.subject, why});
    } else {
      const bool is_taken = find(coming, ours.name) != nullptr;
      staying.push_back({{is_taken ? series : ours.name, ours.list.pem}, ours.list.subject, {}});
    }
  }
  return staying;
}

Result<std::vector<std::string>> keep_newer_proofs(const Keystore& keystore, StoreContent& incoming,
                                                   std::int64_t now) {
  Texts notes;
  SG_CHECK(keep_lists(keystore, incoming, now, notes));
  SG_CHECK(keep_responses(keystore, incoming, now));
  return notes;
}

}  // namespace sifguard
