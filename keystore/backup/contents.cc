// The contents of a backup, checked and counted before anything is written. Pure.
#include "keystore/backup/contents.h"

#include "keystore/base/fd.h"
#include "keystore/policy/policy.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

tl::unexpected<Error> refuse_contents(const std::string& what) {
  return fail(Code::refused, "the backup is not of a keystore that works: " + what);
}

Result<std::string> text_of(const Archive& archive, const std::string& name) {
  const ArchiveFile* const file = archive.find(name);
  if (file == nullptr) return refuse_contents("it has no " + name);
  return std::string(as_text(file->content));
}

/// "keys/ID/meta.json" gives ID; empty for other names.
std::string entry_of(const std::string& name, const std::string& above) {
  const std::string end = std::string("/") + kMeta;
  if (!name.starts_with(above + "/") || !name.ends_with(end)) return {};
  const std::string inner =
      name.substr(above.size() + 1, name.size() - above.size() - 1 - end.size());
  return inner.find('/') == std::string::npos ? inner : std::string();
}

/// Every private half rests beside the meta.json that it is bound to.
Status open_all_private(const Backup& backup) {
  const std::string end = std::string("/") + kPrivate;
  for (const ArchiveFile& file : backup.archive.files) {
    if (!file.name.ends_with(end)) continue;
    const std::string above = file.name.substr(0, file.name.size() - end.size() + 1);
    SG_TRY(const std::string meta, text_of(backup.archive, above + kMeta));
    const auto opened = open_envelope(backup.key, file.content, meta);
    if (!opened) return refuse_contents(file.name + ": " + opened.error().what());
  }
  return {};
}

/// "spki-…" and "cert-…" are the directories of "spki:…" and "cert:…".
std::string signer_id_of(std::string entry) {
  if (entry.size() > 4 && entry[4] == '-') entry[4] = ':';
  return entry;
}

}  // namespace

Result<BackupContents> read_contents(const Backup& backup) {
  BackupContents contents;
  SG_TRY(contents.images, text_of(backup.archive, kImagesFile));
  SG_TRY(const std::string seals_text, text_of(backup.archive, kSeal));
  auto seals = parse_seals(seals_text, kSeal);
  if (!seals) return refuse_contents(seals.error().what());
  contents.seal = seals->front();
  if (seals->size() != 1 || contents.seal.key_id != backup.key.id) {
    return refuse_contents("its seal.json names another store key");
  }
  SG_CHECK(open_all_private(backup));
  contents.ca = root_in(backup.archive).value_or(std::nullopt);
  for (const ArchiveFile& file : backup.archive.files) {
    const std::string meta(as_text(file.content));
    if (const std::string id = entry_of(file.name, kKeys); !id.empty()) {
      auto key = parse_key_meta(meta, id, file.name);
      if (!key) return refuse_contents(key.error().what());
      const std::string half = std::string(kKeys) + "/" + id + "/" + kPrivate;
      if (key->has_private && backup.archive.find(half) == nullptr)
        return refuse_contents("it has no " + half);
      contents.keys.push_back(*std::move(key));
    } else if (const std::string entry = entry_of(file.name, kSigners); !entry.empty()) {
      auto signer = parse_signer_meta(meta, signer_id_of(entry), file.name);
      if (!signer) return refuse_contents(signer.error().what());
      contents.signers.push_back(*std::move(signer));
    }
  }
  return contents;
}

}  // namespace sifguard
