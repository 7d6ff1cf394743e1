// plugstack.conf, as far as it says which plugin Slurm loads. The caller's rights.
#include "keystore/doctor/plugstack_file.h"

#include <glob.h>

#include <memory>
#include <sstream>

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSize = 1024UL * 1024;
constexpr int kMaxIncludes = 16;

/// Names that a pattern matches, sorted; Slurm does not mind if there are none.
std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> names;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) names.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  return names;
}

Status read_into(std::vector<PlugstackLine>& lines, const std::string& file, int depth) {
  if (depth == 0) {
    return fail(Code::refused, file + " is included too deep", "do files include each other?");
  }
  SG_TRY(const std::string text, read_input_text(file, kMaxSize));
  int number = 0;
  for (const std::string& whole : split(text, '\n')) {
    ++number;
    std::istringstream words(whole.substr(0, whole.find('#')));
    std::string verb;
    std::string target;
    if (!(words >> verb >> target)) continue;
    if (verb == "include") {
      const std::string beside = file.substr(0, file.rfind('/') + 1);
      for (const std::string& name : expand(target.front() == '/' ? target : beside + target)) {
        SG_CHECK(read_into(lines, name, depth - 1));
      }
    } else if (verb == "required" || verb == "optional") {
      PlugstackLine line{file, number, verb == "required", target, {}};
      for (std::string argument; words >> argument;) line.arguments.push_back(argument);
      lines.push_back(std::move(line));
    }
  }
  return {};
}

}  // namespace

std::string PlugstackLine::argument(std::string_view name) const {
  const std::string prefix = std::string(name) + "=";
  for (const std::string& each : arguments) {
    if (each.starts_with(prefix)) return each.substr(prefix.size());
  }
  return {};
}

Result<std::vector<PlugstackLine>> read_plugstack(const std::string& file) {
  std::vector<PlugstackLine> lines;
  SG_CHECK(read_into(lines, file, kMaxIncludes));
  return lines;
}

}  // namespace sifguard
