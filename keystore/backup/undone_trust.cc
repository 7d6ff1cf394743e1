// What a restore would undo in trust, in the CA and in the keystore's identity. The
// owner of the keystore, in `sifctl`.
#include <time.h>

#include <algorithm>
#include <map>

#include "keystore/backup/undone.h"
#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/bundle/certificates.h"
#include "keystore/bundle/identity.h"
#include "keystore/ca/authority.h"
#include "keystore/store/authority_store.h"
#include "keystore/store/store_files.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/trust/newer.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

using Texts = std::map<std::string, std::string>;  ///< by name

/// The files of a directory of the backup.
Texts below(const Backup& backup, const std::string& directory) {
  Texts texts;
  for (const ArchiveFile& file : backup.archive.files) {
    if (!file.name.starts_with(directory + "/")) continue;
    texts.emplace(file.name.substr(directory.size() + 1), as_text(file.content));
  }
  return texts;
}

std::vector<TrustItem> items_below(const Backup& backup, const std::string& directory) {
  std::vector<TrustItem> items;
  for (const auto& [name, text] : below(backup, directory)) items.push_back({name, text});
  return items;
}

/// The CAs that the backup knows; one that is damaged signed nothing.
std::vector<Certificate> authorities_in(const Backup& backup) {
  std::vector<Certificate> all;
  for (const char* directory : {"trust/roots", "trust/intermediates"}) {
    for (const auto& [name, text] : below(backup, directory)) {
      auto some = parse_bundle(text);
      if (!some) continue;
      for (Certificate& one : *some) all.push_back(std::move(one));
    }
  }
  return all;
}

std::string subject_of(const std::string& pem) {
  const auto files = read_ca_certificates(pem, false);
  return files && !files->empty() ? "'" + files->front().subject + "'" : "that cannot be read";
}

void compare_anchors(const Keystore& now, const Backup& backup, TrustKind kind,
                     std::vector<std::string>& lines) {
  const std::string word(trust_kind_name(kind));
  const auto items = trust_items(now, kind);
  if (!items) {
    lines.push_back("the trusted " + word + "s cannot be read, nor compared");
    return;
  }
  Texts before = below(backup, "trust/" + word + "s");
  for (const TrustItem& item : *items) {
    if (before.erase(item.name) > 0) continue;
    lines.push_back("the " + word + " " + subject_of(item.text) +
                    ", added since, is not in the backup");
  }
  for (const auto& [name, text] : before) {
    lines.push_back("the " + word + " " + subject_of(text) +
                    ", removed since, is trusted in the backup");
  }
}

void compare_lists(const Keystore& now, const Backup& backup, Undone& undone) {
  const auto items = trust_items(now, TrustKind::crl);
  if (!items) {
    undone.lines.emplace_back("the revocation lists cannot be read, nor compared");
    return;
  }
  for (const StayingList& list : staying_lists(*items, items_below(backup, "trust/crls"),
                                               authorities_in(backup), ::time(nullptr))) {
    undone.kept.push_back("the revocation list of '" + list.subject + "' is " +
                          (list.why.empty() ? "not in" : "older in") + " the backup");
  }
}

void compare_urls(const std::vector<std::string>& now, const std::vector<std::string>& before,
                  std::vector<std::string>& lines) {
  const auto lacks = [](const std::vector<std::string>& all, const std::string& one) {
    return !contains(all, one);
  };
  for (const std::string& one : now) {
    if (!lacks(before, one)) continue;
    lines.push_back("the trust source " + printable(one, 300) +
                    ", added since, is not in the backup");
  }
  for (const std::string& one : before) {
    if (!lacks(now, one)) continue;
    lines.push_back("the trust source " + printable(one, 300) +
                    ", removed since, is in the backup");
  }
}

/// Without its sources a node gets no lists any more, and its signers end with the last one.
void compare_sources(const Keystore& now, const Backup& backup, std::vector<std::string>& lines) {
  const ArchiveFile* const file = backup.archive.find(kTrustSourcesFile);
  const Result<TrustSources> before =
      file == nullptr ? TrustSources()
                      : parse_trust_sources(as_text(file->content), kTrustSourcesFile);
  const auto own = trust_sources(now);
  if (!own || !before) {
    lines.emplace_back("the trust sources cannot be read, nor compared");
    return;
  }
  compare_urls(own->crl, before->crl, lines);
  compare_urls(own->ocsp, before->ocsp, lines);
  compare_urls(own->hosts, before->hosts, lines);
  if (own->proxy == before->proxy) return;
  lines.push_back("the proxy of trust sources is '" + printable(before->proxy, 300) +
                  "' in the backup, now '" + printable(own->proxy, 300) + "'");
}

void compare_bundle_signers(const Keystore& now, const Backup& backup,
                            std::vector<std::string>& lines) {
  const auto signers = trusted_signers(now);
  if (!signers) {
    lines.emplace_back("the signers of bundles cannot be read, nor compared");
    return;
  }
  Texts before = below(backup, "bundle-signers");
  for (const TrustedSigner& one : *signers) {
    if (before.erase(one.fingerprint + ".pem") > 0) continue;
    lines.push_back("the signer of bundles " + one.fingerprint +
                    ", trusted since, is not in the backup");
  }
  for (const auto& [name, text] : before) {
    lines.push_back("the signer of bundles " + name.substr(0, name.find('.')) +
                    ", removed since, is trusted in the backup");
  }
}

void compare_node(const Keystore& now, const Backup& backup, std::vector<std::string>& lines) {
  const auto own = node_certificate(now);
  const ArchiveFile* const old = backup.archive.find("node.pem");
  if (!own || (!*own && old == nullptr)) return;
  if (*own && old != nullptr && **own == as_text(old->content)) return;
  lines.emplace_back(!*own            ? "the node's key, removed since, is in the backup"
                     : old == nullptr ? "the node's key, made since, is not in the backup"
                                      : "the node's key, replaced since, is another in the backup");
}

std::size_t count_revoked(const CaIndex& index) {
  return static_cast<std::size_t>(
      std::count_if(index.issued.begin(), index.issued.end(),
                    [](const IssuedCertificate& one) { return one.revoked_at > 0; }));
}

/// Of the same root.
void compare_index(const std::string& now, std::string_view before, Undone& undone) {
  const auto own = parse_ca_index(now, "the CA's index");
  const auto old = parse_ca_index(before, "the backup's index");
  if (!own || !old) {
    undone.lines.emplace_back(
        "the CA's index cannot be read: what it issued and revoked since is lost");
    return;
  }
  CaIndex merged = *old;
  if (merge_ca_index(merged, *own) == 0) return;
  undone.kept.push_back(
      "what the CA did since is not in the backup: " +
      std::to_string(merged.issued.size() - old->issued.size()) + " certificates, " +
      std::to_string(count_revoked(merged) - count_revoked(*old)) + " revocations");
}

void compare_ca(const Keystore& now, const Backup& backup, Undone& undone) {
  const auto place = ca_place(now);
  if (place && (*place == CaPlace::free || *place == CaPlace::unfinished)) return;
  const auto root = read_authority_certificate(now, kRootAuthority);
  const auto index = read_ca_index(now);
  const ArchiveFile* const old =
      backup.archive.find(std::string(kCaAuthorities) + kRootAuthority + "/" + kCertificate);
  const ArchiveFile* const before = backup.archive.find(kCaIndexFile);
  const std::string own = root ? subject_of(*root) : "that is here, and damaged,";
  if (old == nullptr || before == nullptr) {
    undone.lines.push_back("the CA " + own + " is not in the backup");
  } else if (!root || *root != as_text(old->content)) {
    undone.lines.push_back("the CA " + own + " is another in the backup: " +
                           subject_of(std::string(as_text(old->content))));
  } else if (!index || !*index) {
    undone.lines.emplace_back("the CA's index is lost: the one of the backup is older");
  } else {
    compare_index(**index, as_text(before->content), undone);
  }
}

}  // namespace

void add_undone_trust(Undone& undone, const Keystore& now, const Backup& backup) {
  compare_anchors(now, backup, TrustKind::root, undone.lines);
  compare_anchors(now, backup, TrustKind::intermediate, undone.lines);
  compare_lists(now, backup, undone);
  compare_sources(now, backup, undone.lines);
  compare_bundle_signers(now, backup, undone.lines);
  compare_node(now, backup, undone.lines);
  compare_ca(now, backup, undone);
}

}  // namespace sifguard
