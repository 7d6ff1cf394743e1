// What killed commands left beside their outputs. The rights of the admin.
#include "keystore/doctor/left_outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "keystore/base/absolute_path.h"
#include "keystore/base/fd.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/tree.h"
#include "keystore/ca/certificate_handover.h"
#include "keystore/store/key_on_its_way.h"
#include "keystore/store/store_keys.h"

namespace sifguard {
namespace {

/// With its slash; "" of a path that has none.
std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

/// Files that this keystore's commands have written, or were to write.
std::vector<std::string> known_outputs(const Examined& examined) {
  const Keystore& keystore = *examined.keystore;
  std::vector<std::string> files = {examined.plan.directory};
  if (auto here = absolute_path("x")) files.push_back(*std::move(here));
  for (const KeyOnItsWay& key : noted_keys(keystore)) files.push_back(key.prefix);
  for (std::string& path : handover_files(keystore).value_or(std::vector<std::string>())) {
    files.push_back(std::move(path));
  }
  for (const Seal& seal : keystore.seals().value_or(std::vector<Seal>())) {
    files.push_back(seal.where);
  }
  if (const auto next = announced_seal(keystore.seal_place())) files.push_back(next->where);
  return files;
}

bool is_there(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}

bool is_same(const std::string& path, const std::string& other) {
  struct stat one {};
  struct stat two {};
  return ::lstat(path.c_str(), &one) == 0 && ::lstat(other.c_str(), &two) == 0 &&
         one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/// What was to be replaced has such a name until its successor is complete: it may be all that is
/// left of it, so nothing here is to be overwritten.
void tell_set_aside(const std::string& path, const std::string& output, Findings& findings) {
  const bool there = is_there(output);
  findings.warn(
      path,
      path + " is what " + output + " was before an interrupted command that was to replace it",
      there ? "it may be the only copy: when the new " + output + " is known to be good, rm " +
                  path + "; otherwise put it back: mv " + path + " " + output
            : "give it its name again: mv " + path + " " + output);
}

void tell_output(const std::string& directory, const std::string& name, Findings& findings) {
  std::string output = directory + std::string(rewritten_name(name));
  const std::string path = directory + name;
  const std::string before = directory + std::string(kBeforeRewrite);
  if (output.starts_with(before)) {
    output = directory + output.substr(before.size());
    if (!is_same(path, output)) return tell_set_aside(path, output, findings);
  }
  if (is_same(path, output)) {
    findings.warn(path,
                  path + " is a second name of " + output +
                      ", left by an interrupted command that was to write it",
                  "remove that name, and do not overwrite the file: rm " + path);
    return;
  }
  findings.warn(path,
                path + " was left by an interrupted command that was to write " + output +
                    ": it may hold a private key",
                "the next command that writes " + output +
                    " overwrites and removes it; or do so by hand: shred -u " + path);
}

/// Copies of images are told by check_bound_files().
bool is_of_image(const std::string& name) {
  return rewritten_name(name).ends_with(".sif");
}

void look_for_outputs(const std::string& directory, Findings& findings) {
  const UniqueFd fd = open_directory_of_user(directory);
  const auto names = list_names_at(fd.get());
  if (!fd.valid() || !names) return;
  for (const std::string& name : *names) {
    if (!is_rewrite_name(name) || is_of_image(name) || !is_left_rewrite(fd.get(), name)) continue;
    tell_output(directory, name, findings);
  }
}

}  // namespace

void check_left_outputs(const Examined& examined, Findings& findings) {
  std::set<std::string> directories;
  for (const std::string& file : known_outputs(examined)) {
    if (file.starts_with('/')) directories.insert(folder_of(file));
  }
  for (const std::string& directory : directories) look_for_outputs(directory, findings);
}

}  // namespace sifguard
