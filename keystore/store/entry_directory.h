// Directories with one key or signer each, which are made, replaced and removed as a whole. Runs
// with the rights of the keystore's owner; every function that writes requires the keystore's lock.
//
// An entry is filled under a name that starts with ".tmp-", made durable, and renamed to its place;
// listings skip names that start with a dot. The next writer overwrites and removes what a crash
// left under such a name.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/trusted_file.h"

namespace sifguard {

struct EntryFile {
  std::string name;
  std::span<const std::byte> content;
  mode_t mode = 0600;
};

/// Withheld: for --dry-run. Everything is read and decided as usual, and nothing is written.
enum class Writes { made, withheld };

/// A trusted directory of the keystore and its path for messages. If writes are withheld, a
/// directory that would have been made has no descriptor and counts as empty.
struct EntryParent {
  UniqueFd fd;
  std::string shown;
  Writes writes = Writes::made;
};

/// The place of a keystore that exists or will be made: the directory above, and the keystore's
/// name in it.
struct StorePlace {
  EntryParent parent;
  std::string name;
  [[nodiscard]] std::string path_of(const std::string& inner) const {
    return (parent.shown == "/" ? "" : parent.shown) + "/" + inner;
  }
};
/// Errors: Code::usage for a path that is not absolute or names no directory; those of
/// open_trusted_directory() for the one above.
[[nodiscard]] Result<StorePlace> locate_store(const std::string& path, Trust trust);

/// Opens `name` in `above` as trusted, and makes it (0700) if it is missing. Errors: Code::config.
[[nodiscard]] Result<EntryParent> make_parent(const EntryParent& above, const std::string& name,
                                              Trust trust);
[[nodiscard]] Result<EntryParent> open_parent(const EntryParent& above, const std::string& name,
                                              Trust trust);
/// nullopt if there certainly is none.
[[nodiscard]] Result<std::optional<EntryParent>> find_parent(const EntryParent& above,
                                                             const std::string& name, Trust trust);
/// Whether the entry exists, under its current or an older name (older_names.h).
[[nodiscard]] bool has_entry(const EntryParent& parent, const std::string& name) noexcept;
/// Whether certainly neither name exists; false if that cannot be determined.
[[nodiscard]] bool is_absent(const EntryParent& parent, const std::string& name);

/// Makes `name` (0700) with these files, or replaces it atomically if it exists.
Status put_entry(const EntryParent& parent, const std::string& name,
                 const std::vector<EntryFile>& files);
/// Errors: Code::internal if it cannot be renamed. The entry is gone before its files are deleted.
Status remove_entry(const EntryParent& parent, const std::string& name);

/// Calls `read` with the entry's directory and its path for messages. Its files are of one version;
/// if the entry is replaced meanwhile, `read` is called again, whatever its first answer was.
Status read_entry(const EntryParent& parent, const std::string& name, Trust trust,
                  const std::function<Status(int, const std::string&)>& read);

/// Names that do not start with a dot, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_entries(const EntryParent& parent);
/// Calls `read` with each entry name, until it fails. For readers, which hold no lock: an entry
/// that was removed after it was listed is skipped, and its error ignored.
Status read_entries(const EntryParent& parent,
                    const std::function<Status(const std::string&)>& read);

/// Makes a new directory in `parent` with a random name that starts with `prefix`; returns the
/// name.
[[nodiscard]] Result<std::string> make_hidden_directory(const EntryParent& parent,
                                                        std::string_view prefix);
/// Overwrites and deletes the temporary files of replace_file() that a crash left in the directory;
/// requires the lock under which they are written.
void discard_leftover_files(const EntryParent& directory) noexcept;
/// Deletes a directory and its content without following links. Best effort: errors are ignored,
/// because the directory is no longer in use.
void discard_directory(const EntryParent& parent, const std::string& name) noexcept;
/// The same for a directory that may contain keys: files without another name are overwritten
/// first.
void wipe_directory(const EntryParent& parent, const std::string& name) noexcept;

}  // namespace sifguard
