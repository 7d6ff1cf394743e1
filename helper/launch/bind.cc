// One directory or file shown inside the container: SRC[:DST[:ro|rw]]. Pure; helper, root.
#include "helper/launch/bind.h"

#include <sifguard/paths.h>

#include <algorithm>
#include <array>
#include <vector>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kRunDirectory = SIFGUARD_RUN_DIR;

/// Where nothing may be mounted in the container: the kernel's interfaces, the runtime's own files
/// (which run before the task's command), and ours.
constexpr std::array<std::string_view, 8> kProtected = {
    "/proc",           "/sys",         "/dev",          kRunDirectory,
    "/.singularity.d", "/singularity", "/etc/sifguard", "/var/lib/sifguard"};

/// What no bind may show. (The cache's images are readable by everybody who gets at them.)
constexpr std::array<std::string_view, 3> kAlwaysHidden = {kRunDirectory, SIFGUARD_KEYSTORE_DIR,
                                                           SIFGUARD_CACHE_DIR};

tl::unexpected<Error> refuse(std::string_view text, const std::string& why,
                             std::string remedy = {}) {
  return fail(Code::usage, "bind '" + printable(text, 200) + "': " + why, std::move(remedy));
}

constexpr const char* kForm =
    "write SRC, SRC:DST or SRC:DST:ro, with \\, \\: and \\\\ for a comma, colon or backslash in a "
    "path";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// The parts between colons, without the backslashes that made characters mean themselves.
Result<std::vector<std::string>> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text[i])) return refuse(text, "a control character in a path");
    if (text[i] == ',') return refuse(text, "a comma in a path", kForm);
    if (text[i] == ':') {
      parts.emplace_back();
      continue;
    }
    if (text[i] == '\\' &&
        (++i == text.size() || std::string_view(",:\\").find(text[i]) == std::string_view::npos)) {
      return refuse(text, "a backslash stands before a comma, colon or backslash alone", kForm);
    }
    parts.back() += text[i];
  }
  return parts;
}

Status check_source(std::string_view text, const std::string& source,
                    std::span<const std::string> hidden) {
  const auto shows = [&](std::string_view directory) { return is_at_or_under(source, directory); };
  if (std::any_of(kAlwaysHidden.begin(), kAlwaysHidden.end(), shows) ||
      std::any_of(hidden.begin(), hidden.end(),
                  [&](const std::string& path) { return shows(normalize_path(path)); })) {
    return refuse(text, "the source belongs to sifguard");
  }
  // Binds are recursive: a directory above would bring the job's private mount along.
  if (is_at_or_under(kRunDirectory, source)) {
    return refuse(text, "the source contains " + std::string(kRunDirectory),
                  "bind what you need from it one by one");
  }
  return {};
}

Status check_destination(std::string_view text, const std::string& destination) {
  if (destination == "/") return refuse(text, "the destination cannot be /");
  for (const std::string_view directory : kProtected) {
    if (is_at_or_under(destination, directory)) {
      return refuse(text, "the destination cannot be in " + std::string(directory));
    }
  }
  return {};
}

bool has_parent_component(std::string_view path) {
  const auto parts = split(path, '/');
  return contains(parts, "..");
}

/// One value of a line of comma-separated ones.
std::string field(const std::string& value) {
  if (value.find_first_of(",\"") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string normalize_path(std::string_view path) {
  std::vector<std::string> kept;
  for (std::string& part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string normal;
  for (const std::string& part : kept) normal += "/" + part;
  return normal.empty() ? "/" : normal;
}

bool is_at_or_under(std::string_view path, std::string_view directory) noexcept {
  if (directory == "/") return true;
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

Result<Bind> parse_bind(std::string_view text, std::string_view cwd,
                        std::span<const std::string> hidden) {
  SG_TRY(const std::vector<std::string> parts, parts_of(text));
  if (parts.size() > 3) return refuse(text, "too many colons", kForm);
  if (parts[0].empty()) return refuse(text, "the source is missing");

  Bind bind;
  std::string source = parts[0];
  if (source.front() != '/') {
    if (!cwd.starts_with('/')) return refuse(text, "the source is not an absolute path");
    source = std::string(cwd) + "/" + source;
    // The working directory joins the text only here, and has not been looked at above.
    if (std::any_of(cwd.begin(), cwd.end(), is_control)) {
      return refuse(text, "a control character in the job's directory",
                    "give an absolute path elsewhere");
    }
  }
  // ".." after a symbolic link is not the textual parent, and then the checks below would look at
  // another path than the kernel.
  if (has_parent_component(source)) return refuse(text, "'..' in the source");
  bind.source = normalize_path(source);
  SG_CHECK(check_source(text, bind.source, hidden));

  bind.destination = bind.source;
  if (parts.size() > 1) {
    if (!parts[1].starts_with('/')) {
      return refuse(text, "the destination is not an absolute path", kForm);
    }
    if (has_parent_component(parts[1])) return refuse(text, "'..' in the destination");
    bind.destination = normalize_path(parts[1]);
  }
  SG_CHECK(check_destination(text, bind.destination));

  if (parts.size() > 2) {
    if (parts[2] != "ro" && parts[2] != "rw") {
      return refuse(text, "unknown mode '" + printable(parts[2], 50) + "'", "ro and rw are known");
    }
    bind.read_only = parts[2] == "ro";
  }
  return bind;
}

std::string format_bind(const Bind& bind) {
  std::string text;
  for (const std::string* const path : {&bind.source, &bind.destination}) {
    if (!text.empty()) text += ':';
    for (const char c : *path) {
      if (c == ',' || c == ':' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text + (bind.read_only ? ":ro" : "");
}

std::string mount_argument(const Bind& bind) {
  return "type=bind," + field("source=" + bind.source) + "," +
         field("destination=" + bind.destination) + (bind.read_only ? ",ro" : "");
}

}  // namespace sifguard
