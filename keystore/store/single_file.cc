// Single files in a directory of the keystore. Runs with the rights of the keystore's owner.
#include "keystore/store/single_file.h"

#include <unistd.h>

#include <cerrno>

#include "keystore/base/atomic_file.h"
#include "keystore/store/older_names.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

std::string shown_of(const EntryParent& parent, const std::string& name) {
  return parent.shown + "/" + name;
}

}  // namespace

Result<std::optional<std::string>> find_file(const EntryParent& parent, const std::string& name,
                                             std::size_t limit, Trust trust) {
  if (is_absent(parent, name)) return std::optional<std::string>();
  SG_TRY(std::string text,
         read_store_file(parent.fd.get(), name, shown_of(parent, name), limit, trust));
  return std::optional<std::string>(std::move(text));
}

Status put_file(const EntryParent& parent, const std::string& name, std::string_view text) {
  if (parent.writes == Writes::withheld) return {};
  return replace_file(parent.fd.get(), name, text, 0600, shown_of(parent, name));
}

Result<bool> remove_file(const EntryParent& parent, const std::string& name) {
  if (is_absent(parent, name)) return false;
  if (parent.writes == Writes::withheld) return true;
  if (::unlinkat(parent.fd.get(), name.c_str(), 0) != 0) {
    if (errno == ENOENT) return false;
    return fail_errno(Code::config, "cannot remove " + shown_of(parent, name), errno);
  }
  SG_CHECK(sync_change(parent.fd.get(), shown_of(parent, name)));
  return true;
}

}  // namespace sifguard
