// Everything that a keystore says about images. Root on nodes; the owner of the keystore in
// `sifctl`.
#include "keystore/store/content.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "keystore/base/clock.h"
#include "keystore/base/contains.h"
#include "keystore/base/in_place.h"
#include "keystore/base/lock_holders.h"
#include "keystore/base/tree.h"
#include "keystore/policy/policy.h"
#include "keystore/store/key_state.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/signer_entry.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

/// Not carried over: the content, and what belongs to writers of the old directory.
constexpr std::array<std::string_view, 9> kLeft = {
    kKeys,          kSigners,        "trust", kImagesFile,   "images.yaml.prev",
    "images.index", kRevokedDigests, ".lock", ".images.lock"};
constexpr int kMaxContentDepth = 3;
constexpr int kReadersMs = 5000;

Result<EntryParent> open_inner(const EntryParent& above, const std::string& name, Trust trust) {
  std::string shown = above.shown + "/" + name;
  SG_TRY(UniqueFd fd, open_trusted_directory_at(above.fd.get(), name, shown, trust));
  return EntryParent{std::move(fd), std::move(shown)};
}

Result<EntryParent> make_inner(const EntryParent& above, const std::string& name, Trust trust) {
  if (::mkdirat(above.fd.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_errno(Code::temporary, "cannot make " + above.shown + "/" + name, errno);
  }
  return open_inner(above, name, trust);
}

/// Hard links in `to` of what `from` has.
Status carry_over(const EntryParent& from, const EntryParent& to, Trust trust, int depth) {
  SG_TRY(const auto names, list_names_at(from.fd.get()));
  for (const std::string& name : names) {
    const bool top = depth == 0;
    if (top && contains(kLeft, name)) continue;
    if (name.starts_with('.') && name.ends_with(".tmp")) continue;
    struct stat st {};
    if (::fstatat(from.fd.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      return fail_errno(Code::config, "cannot read " + from.shown + "/" + name, errno);
    }
    if (S_ISDIR(st.st_mode) && depth < kMaxContentDepth) {
      if (name.starts_with(".tmp-")) continue;
      SG_TRY(const EntryParent inner, open_inner(from, name, trust));
      SG_TRY(const EntryParent made, make_inner(to, name, trust));
      SG_CHECK(carry_over(inner, made, trust, depth + 1));
    } else if (!S_ISREG(st.st_mode)) {
      return fail(Code::config, from.shown + "/" + name + " has no place in a keystore",
                  "move it away");
    } else if (::linkat(from.fd.get(), name.c_str(), to.fd.get(), name.c_str(), 0) != 0) {
      return fail_errno(Code::temporary, "cannot link " + from.shown + "/" + name, errno);
    }
  }
  return sync_directory(to.fd.get(), to.shown);
}

Status write_trust(const EntryParent& top, const StoreContent& content, Trust trust) {
  if (content.trust.empty()) return {};
  SG_TRY(const EntryParent all, make_inner(top, "trust", trust));
  for (const auto& [kind, item] : content.trust) {
    SG_TRY(const EntryParent items,
           make_inner(all, std::string(trust_kind_name(kind)) + "s", trust));
    SG_CHECK(
        replace_file(items.fd.get(), item.name, item.text, 0600, items.shown + "/" + item.name));
    SG_CHECK(sync_directory(all.fd.get(), all.shown));
  }
  return {};
}

/// What this keystore fetches for itself (trust_sources.h) is its own: where from, and the lists
/// and responses that `content` has no other of.
Status carry_fetched(const EntryParent& old, const EntryParent& top, Trust trust) {
  if (::faccessat(old.fd.get(), "trust", F_OK, AT_SYMLINK_NOFOLLOW) != 0) return {};
  SG_TRY(const EntryParent from, open_inner(old, "trust", trust));
  if (::faccessat(from.fd.get(), "sources.json", F_OK, AT_SYMLINK_NOFOLLOW) != 0) return {};
  SG_TRY(const EntryParent to, make_inner(top, "trust", trust));
  const auto link = [](const EntryParent& source, const EntryParent& target,
                       const std::string& name) -> Status {
    if (::linkat(source.fd.get(), name.c_str(), target.fd.get(), name.c_str(), 0) == 0 ||
        errno == EEXIST || errno == ENOENT) {
      return {};
    }
    return fail_errno(Code::temporary, "cannot link " + source.shown + "/" + name, errno);
  };
  SG_CHECK(link(from, to, "sources.json"));
  SG_CHECK(link(from, to, "fetched.json"));
  for (const char* kind : {"crls", "responses"}) {
    if (::faccessat(from.fd.get(), kind, F_OK, AT_SYMLINK_NOFOLLOW) != 0) continue;
    SG_TRY(const EntryParent items, open_inner(from, kind, trust));
    SG_TRY(const EntryParent made, make_inner(to, kind, trust));
    SG_TRY(const auto names, list_entries(items));
    for (const std::string& name : names) SG_CHECK(link(items, made, name));
    SG_CHECK(sync_directory(made.fd.get(), made.shown));
  }
  return sync_directory(to.fd.get(), to.shown);
}

/// Fills the new directory. Its private keys go under the store key of the old one.
Status fill(const EntryParent& top, const EntryParent& old, const StoreContent& content,
            const OwnFiles& own_files, const Keystore& keystore) {
  const Trust trust = keystore.trust();
  StoreKeys store_keys(keystore.seal_place());
  SG_TRY(const EntryParent keys, make_inner(top, kKeys, trust));
  for (const KeyEntry& key : content.keys) SG_CHECK(write_key_entry(keys, key, store_keys));
  SG_TRY(const EntryParent signers, make_inner(top, kSigners, trust));
  for (const SignerEntry& signer : content.signers) {
    SG_CHECK(write_signer(signers, signer.record, signer.key));
  }
  SG_CHECK(write_trust(top, content, trust));
  SG_CHECK(carry_over(old, top, trust, 0));
  SG_CHECK(carry_fetched(old, top, trust));
  const auto write = [&](const std::string& name, const std::string& text) {
    return replace_file(top.fd.get(), name, text, 0600, top.shown + "/" + name);
  };
  SG_CHECK(write(kImagesFile, content.images));
  if (!content.revoked.empty()) SG_CHECK(write(kRevokedDigests, content.revoked));
  for (const auto& [name, text] : own_files) SG_CHECK(write(name, text));
  return {};
}

/// Lets readers of the old directory end, then wipes its keys. What cannot be wiped is deleted.
void discard_old(const EntryParent& parent, const std::string& name, Trust trust) {
  const auto old = open_inner(parent, name, trust);
  if (old) {
    (void)lock_before(old->fd.get(), LOCK_EX, monotonic_ms() + kReadersMs);
    if (const auto keys = open_inner(*old, kKeys, trust)) {
      const auto ids = list_entries(*keys);
      for (const std::string& id : ids.value_or(std::vector<std::string>{})) {
        auto half = OldPrivateHalf::hold(*keys, id, OldPrivateHalf::Which::any, trust);
        if (half) (void)half->overwrite();
      }
    }
  }
  discard_directory(parent, name);
}

/// Of runs that were killed.
void discard_leftovers(const EntryParent& parent, Trust trust) {
  const auto names = list_names_at(parent.fd.get());
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.starts_with(kUnfinishedImport)) discard_old(parent, name, trust);
  }
}

}  // namespace

Result<KeyEntry> take_key(const Keystore& keystore, const std::string& id) {
  SG_TRY(const EntryParent top, keystore.top());
  SG_TRY(const EntryParent keys, open_inner(top, kKeys, keystore.trust()));
  StoreKeys store_keys(keystore.seal_place());
  SG_TRY(KeyEntry entry,
         read_key_entry(keys, id, PrivateHalf::leave, store_keys, keystore.trust()));
  if (entry.record.has_private && decrypts(entry.record.state)) {
    return read_key_entry(keys, id, PrivateHalf::open, store_keys, keystore.trust());
  }
  entry.record.has_private = false;
  return entry;
}

Status replace_content(const Keystore& keystore, const StoreContent& content,
                       const OwnFiles& own_files) {
  const Trust trust = keystore.trust();
  const std::string& directory = keystore.directory();
  SG_TRY(const StorePlace place, locate_store(directory, trust));
  const EntryParent& parent = place.parent;
  SG_TRY(const EntryParent old, keystore.top());
  discard_leftovers(parent, trust);
  SG_TRY(const std::string temporary, make_hidden_directory(parent, kUnfinishedImport));
  Status done = [&]() -> Status {
    SG_TRY(const EntryParent made, open_inner(parent, temporary, trust));
    SG_CHECK(taken_back(fill(made, old, content, own_files, keystore)));
    SG_CHECK(sync_directory(made.fd.get(), made.shown));
    const int fd = parent.fd.get();
    if (::renameat2(fd, temporary.c_str(), fd, place.name.c_str(), RENAME_EXCHANGE) != 0) {
      return fail_errno(Code::config, "cannot exchange " + directory, errno,
                        "it must be a directory on a local filesystem, and no mount point");
    }
    return sync_change(fd, directory);
  }();
  if (is_made(done)) {
    keystore.stop_reading();
    discard_old(parent, temporary, trust);
  } else {
    discard_directory(parent, temporary);
  }
  return done;
}

}  // namespace sifguard
