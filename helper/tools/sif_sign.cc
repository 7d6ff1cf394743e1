// sif-sign: signs a SIF image. Runs as the user who owns the image and the key; no privilege, no
// network. The key stays in OpenSSL's memory, in a token or in gpg's agent.
#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>

#include "helper/tools/image_listing.h"
#include "helper/tools/load_signer.h"
#include "helper/tools/remove_on_signal.h"
#include "helper/tools/sign_image.h"
#include "helper/tools/signer_certificate.h"
#include "helper/tools/tool.h"
#include "helper/verify/sandbox/hasher.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr const char* kFooter = R"(
Every group of objects gets a signature of its own, which `apptainer verify` and sifguard accept. The
image is replaced as a whole when everything is done; until then it stays as it is.
  sif-sign --key key.pem image.sif
  sif-sign --key key.pem --group 1 --replace image.sif
  sif-sign --pgp 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 image.sif
  sif-sign --pkcs11 'pkcs11:token=site;object=signing' image.sif
  sif-sign --key carol.key --certificate carol.pem image.sif
  sif-sign --migrate --certificate carol.pem --ca root.pem --key carol.key old.sif

Exit status: 0 signed, 64 usage, 65 the image or the key is refused, 66 a file or a token's key is
not there, 69 gpg or the token fails, 75 no space, or try again, 77 no right to; see sif-sign(1).)";

struct Options {
  SignRequest request;
  SignerOptions signer;
  CertificateOptions certificate;
  std::string certified;  ///< what bindings may call the signer by its certificate
};

void add_options(CLI::App& app, Tool& tool, Options& options) {
  app.set_version_flag("--version", "sif-sign " SIFGUARD_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.footer(kFooter);
  app.add_option("image", options.request.image, "The image to sign")
      ->required()
      ->type_name("IMAGE");
  offer_signer(app, options.signer);
  app.add_option("--group", options.request.group, "Sign this group of objects only")
      ->type_name("N")
      ->check(CLI::Range(1U, ~sif::kGroupMask));
  app.add_flag("--replace", options.request.replace,
               "Remove the signer's earlier signatures of the same groups");
  offer_certificate(app, options.certificate);
  app.add_flag("--json", tool.json, "Write JSON instead of text");
  app.add_flag("--quiet", tool.quiet, "Print only errors, and JSON if requested");
}

void show(const Tool& tool, const Options& options, const SignResult& result) {
  if (!result.ungrouped.empty()) {
    tool.note("not covered, because they are in no group: " + objects_text(result.ungrouped) +
              "; sifguard refuses such an image");
  }
  if (!result.owner_kept) tool.note(printable(options.request.image) + " belongs to you now");
  if (result.other_names != 0) {
    tool.note(printable(options.request.image) + " has had " + std::to_string(result.other_names) +
              " other name" + (result.other_names == 1 ? "" : "s") +
              " (hard links): what they lead to is not signed");
  }
  if (tool.json) {
    nlohmann::ordered_json root;
    root["image"] = result.path;
    root["form"] = result.form;
    root["signer"] = result.signer;
    root["policy_name"] = result.policy_name;
    if (!options.certified.empty()) root["certificate_name"] = options.certified;
    root["signatures"] = nlohmann::ordered_json::array();
    for (const MadeSignature& made : result.signatures) {
      root["signatures"].push_back(
          {{"group", made.group}, {"object", made.object_id}, {"covers", made.covered}});
    }
    root["removed"] = result.removed;
    root["not_covered"] = result.ungrouped;
    return tool.answer("signing", root);
  }
  if (tool.quiet) return;
  const std::string image = printable(options.request.image);
  if (!result.removed.empty()) {
    tool.out(image + ": earlier signatures removed: " + objects_text(result.removed) + "\n");
  }
  for (const MadeSignature& made : result.signatures) {
    tool.out(image + ": group " + std::to_string(made.group) + " (" + objects_text(made.covered) +
             ") signed, object " + std::to_string(made.object_id) + "\n");
  }
  tool.out("signer " + result.signer + "\n");
  if (result.policy_name != result.signer) {
    tool.out("in bindings of sifguard: " + result.policy_name +
             (options.certified.empty() ? "" : ", or " + one_line(options.certified)) + "\n");
  }
}

Status check_own(Options& options, const CertifiedSigner& certified, const Signer& signer) {
  if (signer.policy_name() != "spki:" + certified.key.spki()) {
    return fail(Code::refused, printable(options.certificate.certificate, 300) +
                                   " is not the certificate of the key that is to sign");
  }
  options.certified = certified.policy_name;
  return {};
}

Status sign(const Tool& tool, Options& options) {
  SG_CHECK(check_signer(options.signer));
  SG_CHECK(check_certificate_options(options.certificate));
  SG_CHECK(prepare_digests());
  options.request.show_progress = !tool.quiet;
  options.request.now = std::time(nullptr);
  options.request.on_named = remove_on_signal;
  std::shared_ptr<const CertifiedSigner> certified;
  if (!options.certificate.certificate.empty()) {
    SG_TRY(CertifiedSigner found, certified_signer(options.certificate));
    certified = std::make_shared<const CertifiedSigner>(std::move(found));
  }
  if (options.certificate.migrate) {
    options.request.also_remove =
        [certified](int fd, const sif::Image& image) -> Result<std::vector<std::uint32_t>> {
      SG_TRY(const PkiLegacySignature found, check_pki_legacy(fd, image, certified->key));
      return std::vector{found.object};
    };
  }
  SG_TRY(const SignResult result,
         sign_image(options.request, [&]() -> Result<std::unique_ptr<Signer>> {
           SG_TRY(auto signer, load_signer(tool, options.signer));
           if (certified && !options.certificate.migrate)
             SG_CHECK(check_own(options, *certified, *signer));
           return signer;
         }));
  show(tool, options, result);
  return {};
}

int run(int argc, char** argv) {
  Tool tool("sif-sign");
  Status ready = harden_process();
  if (ready) ready = protect_openssl_memory();
  if (!ready) return tool.report(ready.error());
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows beyond a limit is an error like any other
  Options options;
  CLI::App app{"Signs a Singularity/Apptainer image (SIF).", "sif-sign"};
  add_options(app, tool, options);
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  const Status done = sign(tool, options);
  return done ? tool.finish() : tool.answer_error(done.error());
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run_tool("sif-sign", sifguard::run, argc, argv);
}
