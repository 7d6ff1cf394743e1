// sif-list: shows what a SIF image is made of. Runs as any user who may read the image; no
// privilege, no network, no keys. With "-" root becomes nobody before it reads a byte.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "helper/tools/image_listing.h"
#include "helper/tools/tool.h"
#include "keystore/base/fd.h"
#include "keystore/base/open_error.h"
#include "keystore/base/unprivileged.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr const char* kFooter = R"(
Signatures are listed with what they claim: nothing is verified, see sif-verify for that.
  sif-list image.sif
  sif-list --json image.sif
  sif-list - <image.sif               # root becomes nobody for that

Exit status: 0 listed, 64 usage, 65 not a sound image, 66 not there, 77 not readable; see sif-list(1).)";

Result<Listing> list_input() {
  SG_CHECK(become_unprivileged("nobody"));
  return list_image(STDIN_FILENO);
}

Result<Listing> list_file(const std::string& path) {
  if (path == "-") return list_input();
  // Without O_NONBLOCK the open of a pipe would wait for a writer.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return fail_open(Code::no_input, path, errno);
  auto listing = list_image(fd.get());
  if (!listing) return tl::unexpected(std::move(listing).error().prepend(path));
  return listing;
}

int run(int argc, char** argv) {
  Tool tool("sif-list");
  std::string image;
  CLI::App app{"Shows what a Singularity/Apptainer image (SIF) is made of.", "sif-list"};
  app.set_version_flag("--version", "sif-list " SIFGUARD_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.footer(kFooter);
  app.add_option("image", image, "The image to list; - for standard input")
      ->required()
      ->type_name("IMAGE");
  app.add_flag("--json", tool.json, "Write JSON instead of text");
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  const auto listing = list_file(image);
  if (!listing) return tool.answer_error(listing.error());
  if (tool.json) {
    tool.answer("listing", listing_json(*listing, image));
  } else {
    tool.out(listing_text(*listing));
  }
  return tool.finish();
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run_tool("sif-list", sifguard::run, argc, argv);
}
