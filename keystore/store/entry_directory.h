// Directories that hold one key or signer each: made, replaced and removed as a whole. Runs with
// the rights of the keystore's owner; every function that writes wants the keystore's lock held.
//
// An entry is filled under a name that starts with ".tmp-", made durable, and renamed into place;
// listings skip names that start with a dot. What a crash leaves under such a name is overwritten
// and removed by the next writer.
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

/// Withheld: for --dry-run. All is read and decided as ever, and nothing is written.
enum class Writes { made, withheld };

/// A trusted directory of the keystore and its path for messages. Where writes are withheld, one
/// that would have been made has no descriptor, and nothing in it.
struct EntryParent {
  UniqueFd fd;
  std::string shown;
  Writes writes = Writes::made;
};

/// Where a keystore is, or will be: the directory above, and the keystore's name in it.
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

/// `name` in `above`, made (0700) if it is not there, and opened as trusted. Errors: Code::config.
[[nodiscard]] Result<EntryParent> make_parent(const EntryParent& above, const std::string& name,
                                              Trust trust);
[[nodiscard]] Result<EntryParent> open_parent(const EntryParent& above, const std::string& name,
                                              Trust trust);
/// nullopt if there certainly is none.
[[nodiscard]] Result<std::optional<EntryParent>> find_parent(const EntryParent& above,
                                                             const std::string& name, Trust trust);
/// By its name of today or an older one (older_names.h).
[[nodiscard]] bool has_entry(const EntryParent& parent, const std::string& name) noexcept;
/// Whether there is certainly nothing of either name: what cannot be looked at may be there.
[[nodiscard]] bool is_absent(const EntryParent& parent, const std::string& name);

/// Makes `name` (0700) with these files, or replaces it at once if it is there.
Status put_entry(const EntryParent& parent, const std::string& name,
                 const std::vector<EntryFile>& files);
/// Errors: Code::internal if it cannot be renamed; it is gone once this begins to delete.
Status remove_entry(const EntryParent& parent, const std::string& name);

/// Calls `read` with the entry's directory and its path for messages. Everything in there belongs
/// together; if the entry is replaced meanwhile and `read` fails for it, it is called again.
Status read_entry(const EntryParent& parent, const std::string& name, Trust trust,
                  const std::function<Status(int, const std::string&)>& read);

/// Names that do not start with a dot, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_entries(const EntryParent& parent);
/// Calls `read` with each of these names, until it fails. For readers, who hold no lock: an entry
/// that was removed since it was listed is skipped, and its failure with it.
Status read_entries(const EntryParent& parent,
                    const std::function<Status(const std::string&)>& read);

/// A new directory beside with a random name that starts with `prefix`; returns the name.
[[nodiscard]] Result<std::string> make_hidden_directory(const EntryParent& parent,
                                                        std::string_view prefix);
/// Overwrites and deletes the temporary files of replace_file() that a crash left in the directory;
/// wants the lock under which they are written.
void discard_leftover_files(const EntryParent& directory) noexcept;
/// Deletes a directory and what is in it, following no link. Best effort: it has no name any more.
void discard_directory(const EntryParent& parent, const std::string& name) noexcept;
/// The same for one that may hold keys: files without another name are overwritten first.
void wipe_directory(const EntryParent& parent, const std::string& name) noexcept;

}  // namespace sifguard
