// Keys on their way to files and into the keystore. Runs with the rights of the keystore's owner.
#include "keystore/store/key_on_its_way.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/base/strict_json.h"
#include "keystore/base/tree.h"
#include "keystore/store/single_file.h"
#include "keystore/store/store_files.h"

namespace sifguard {
namespace {

constexpr std::string_view kNote = ".key-next-";

std::string note_of(const std::string& name) {
  return std::string(kNote) + name;
}

}  // namespace

Status note_key(const Keystore& keystore, const KeyOnItsWay& key) {
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const EntryParent top, keystore.top());
  const nlohmann::ordered_json note = {{"id", key.id}, {"prefix", key.prefix}};
  const std::string text =
      note.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return put_file(top, note_of(key.name), text);
}

std::optional<KeyOnItsWay> noted_key(const Keystore& keystore, const std::string& name) {
  const auto top = keystore.top();
  if (!top) return std::nullopt;
  const auto text = find_file(*top, note_of(name), kMaxMeta, keystore.trust());
  if (!text || !*text) return std::nullopt;
  StrictObject object = StrictObject::parse(**text, top->shown + "/" + note_of(name));
  KeyOnItsWay key{name, object.string("id"), object.string("prefix")};
  return object.finish() ? std::optional(std::move(key)) : std::nullopt;
}

void forget_key(const Keystore& keystore, const std::string& name) noexcept {
  const auto top = keystore.top();
  if (top) ::unlinkat(top->fd.get(), note_of(name).c_str(), 0);
}

std::vector<KeyOnItsWay> noted_keys(const Keystore& keystore) {
  std::vector<KeyOnItsWay> all;
  const auto names = list_names(keystore.directory());
  if (!names) return all;
  for (const std::string& name : *names) {
    if (!name.starts_with(kNote)) continue;
    auto key = noted_key(keystore, name.substr(kNote.size()));
    if (key) all.push_back(*std::move(key));
  }
  std::sort(all.begin(), all.end(),
            [](const KeyOnItsWay& a, const KeyOnItsWay& b) { return a.name < b.name; });
  return all;
}

}  // namespace sifguard
