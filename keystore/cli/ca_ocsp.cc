// sifctl ca ocsp serve: becomes the OCSP responder, sifguard-ocspd. Runs with the rights of the
// admin of the CA's host; the responder gives them up itself.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "keystore/base/run_program.h"
#include "keystore/ca/responder.h"
#include "keystore/cli/change_log.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

struct CaOcspOptions {
  std::string listen = "127.0.0.1:2560";
  int hours = 12;
  ClockOption clock;
};

/// Recorded, as all that issues certificates.
Status renew(const Session& session, const CaOcspOptions& options, const std::string& directory) {
  SG_TRY(const Keystore keystore, session.keystore());
  const std::int64_t now = ::time(nullptr);
  SG_TRY(const auto states, responder_states(keystore, now));
  const auto is_due = [](const ResponderState& one) { return one.is_due; };
  if (std::none_of(states.begin(), states.end(), is_due)) return {};
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  const ChangeContext context{directory, CommandKind::changes,   session.arguments,
                              false,     options.clock.accepted, Session::trust()};
  return run_recorded(context, [&]() -> Status {
    SG_TRY(const auto notes, renew_responders(keystore, now));
    for (const std::string& note : notes) session.note(note);
    return {};
  });
}

Status serve(const Session& session, const CaOcspOptions& options) {
  SG_TRY(std::string keystore, session.absolute_keystore_directory());
  SG_CHECK(renew(session, options, keystore));
  std::string program = own_program("sifguard-ocspd");
  SG_CHECK(check_trusted_program(program, Session::trust()));
  std::string name = "sifguard-ocspd";
  std::string listen = options.listen;
  std::string hours = std::to_string(options.hours);
  std::array<char*, 5> arguments = {name.data(), keystore.data(), listen.data(), hours.data(),
                                    nullptr};
  std::array<char*, 1> environment = {nullptr};
  ::execve(program.c_str(), arguments.data(), environment.data());
  return fail_errno(Code::unavailable, "cannot run " + program, errno);
}

}  // namespace

void add_ca_ocsp(CLI::App& group, Session& session) {
  auto* inner = group.add_subcommand("ocsp", "Answer requests whether certificates are revoked");
  inner->require_subcommand(1);
  auto* command = inner->add_subcommand("serve", "Run the OCSP responder in the foreground");
  command->footer(R"(
The responder has its own keys, which the CA certifies for 30 days and replaces if half of that is over
when the responder starts: restart it weekly, as sifguard-ocsp.service does. It ends when one of its own
certificates is revoked; the next start makes another. A revocation takes effect within seconds, but
clients may use an older answer until it expires, after --hours. If root starts it, it becomes nobody
before it accepts connections.
  sifctl ca ocsp serve --listen 192.0.2.7:80 --hours 2)");
  const auto options = std::make_shared<CaOcspOptions>();
  command->add_option("--listen", options->listen, "Where to listen")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  command->add_option("--hours", options->hours, "How long an answer is valid")
      ->type_name("N")
      ->check(CLI::Range(1, 720))
      ->capture_default_str();
  options->clock.offer(command);
  session.on_read(command, [&session, options] { return serve(session, *options); });
}

}  // namespace sifguard
