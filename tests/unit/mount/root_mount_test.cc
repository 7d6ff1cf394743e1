// What is seen in mounted roots, and what is left of them.
#include "helper/mount/root_mount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "helper/mount/job_mounts.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/mount/root_mount_fixture.h"

namespace sifguard {
namespace {

using test::RootMountTest;
using namespace test;
namespace fs = std::filesystem;

TEST_F(RootMountTest, ShowsTheFilesOfTheImage) {
  for (const char* kind : {"plain", "gocryptfs", "luks"}) {
    EXPECT_EQ(in_namespace([&] { return looks_right(kind); }), "") << kind;
  }
}

TEST_F(RootMountTest, ShowsThemOnOldKernelsToo) {
  for (const char* kind : {"plain", "gocryptfs", "luks"}) {
    EXPECT_EQ(in_namespace([&] {
                const std::string old = "linux-4.18";
                test::refuse_from_now_on({&old, 1});
                return looks_right(kind);
              }),
              "")
        << kind;
  }
}

TEST_F(RootMountTest, TheOwnersFilesAreHis) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("gocryptfs");
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (!root->shows_owner()) return "";  // a kernel that cannot, and says so
              return why_not_the_users("secret\n");
            }),
            "");
}

TEST_F(RootMountTest, NothingInItCanBeChangedOrGivesRights) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("luks");
              if (!root || !root->place(kRoot)) return "cannot mount";
              return why_not_inert();
            }),
            "");
}

TEST_F(RootMountTest, TheContentKeyOpensItTheNextTime) {
  for (const char* kind : {"gocryptfs", "luks"}) {
    EXPECT_EQ(in_namespace([&]() -> std::string {
                auto cold = mount(kind);
                if (!cold) return cold.error().line();
                if (cold->content_key().empty()) return "no key";
                const VolumeKey key = content_key(cold->content_key());
                const auto warm = mount(kind, key);
                if (!warm) return warm.error().line();
                if (!warm->content_key().empty()) return "the key again";
                if (!warm->place(kRoot)) return "not placed";
                return test::read_file("/run/root/etc/7") == "file 7\n" ? "" : "other files";
              }),
              "")
        << kind;
  }
}

TEST_F(RootMountTest, AWrongBlockIsAnErrorOfItsFileAndOneLine) {
  // Into the middle of the large file, far from the tables at the end.
  make(
      "rm -rf w && mkdir w && cp shell/* w/ && chmod u+w w/* && "
      "printf X | dd of=w/squashfs-1 bs=1 seek=$((18 + 4128 * 300 + 99)) conv=notrunc && "
      "mksquashfs w gocryptfs-wrong -quiet -noD -noF");
  auto log = make_pipe();
  EXPECT_EQ(in_namespace([&]() -> std::string {
              RootMountOptions with = options();
              with.server.log = log->write_end.get();
              const auto opened = test::partition_of(directory(), "gocryptfs-wrong");
              const auto root = mount("gocryptfs", opened.partition, password(), with);
              if (!root || !root->place(kRoot)) return "cannot mount";
              std::string wrong;
              if (test::read_file("/run/root/etc/200") != "file 200\n") wrong += "the good file; ";
              const std::string whole =
                  "cat /run/root/bin/large /run/root/bin/setuid >/dev/null 2>/run/said";
              if (run_shell(whole) == 0) wrong += "the bad file was read; ";
              if (test::read_file("/run/said").find("Input/output error") == std::string::npos)
                wrong += "no EIO; ";
              return wrong;
            }),
            "");
  log->write_end.reset();
  const std::string said = read_to_end(log->read_end.get(), 1 << 20, "the log").value();
  EXPECT_EQ(said, "sifguard-imagefs: block 300 of the encrypted file system is not authentic\n");
}

/// The number of the server, by its handle (proc_pid_fdinfo(5)).
pid_t pid_of(int handle) {
  const std::string info = test::read_file("/proc/self/fdinfo/" + std::to_string(handle));
  const std::size_t at = info.find("Pid:");
  return at == std::string::npos ? -1 : static_cast<pid_t>(std::stol(info.substr(at + 4)));
}

TEST_F(RootMountTest, AServerThatIsKilledIsADiskThatBroke) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("gocryptfs");
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (test::read_file("/run/root/etc/1") != "file 1\n") return "not readable";
              if (::kill(pid_of(root->server()), SIGKILL) != 0) return "no server";
              if (run_shell("cat /run/root/bin/large >/dev/null 2>/run/said") == 0)
                return "still read";
              const std::string said = test::read_file("/run/said");
              return said.find("Input/output error") != std::string::npos ? "" : said;
            }),
            "");
}

TEST_F(RootMountTest, TheServerDoesNotOutliveItsOwnerForLong) {
  auto log = make_pipe();
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const pid_t owner = ::fork();
              if (owner == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
                for (;;) ::pause();
              }
              const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, owner, 0)));
              if (!handle.valid()) return "";  // Linux before 5.3
              RootMountOptions with = options();
              with.server.owner = handle.get();
              with.server.log = log->write_end.get();
              const auto opened = partition_of(directory(), "gocryptfs");
              const auto root = mount("gocryptfs", opened.partition, password(), with);
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (ready_before(root->server(), monotonic_ms() + 300)) return "it ended at once";
              ::kill(owner, SIGKILL);
              ::waitpid(owner, nullptr, 0);
              if (!ready_before(root->server(), monotonic_ms() + 60'000)) return "it lives on";
              return run_shell("cat /run/root/bin/large >/dev/null 2>&1") == 0 ? "still read" : "";
            }),
            "");
  log->write_end.reset();
  EXPECT_THAT(read_to_end(log->read_end.get(), 1 << 20, "the log").value(),
              testing::StartsWith("sifguard-imagefs: its step has ended"));
}

TEST_F(RootMountTest, TheJobSeesADirectoryNamedAsTheImageAndNoKey) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto directory = JobDirectory::make();
              if (!directory) return directory.error().line();
              const auto opened = partition_of(RootMountTest::directory(), "gocryptfs");
              RootMountOptions with = options();
              with.scratch = kJobDirectory;
              const auto root = mount("gocryptfs", opened.partition, password(), with);
              if (!root) return root.error().line();
              const JobMounts mounts{RootMountTest::directory() / "gocryptfs.sif",
                                     mounted_image_path("/apps/lolcow.sif"), kUser, kGroup};
              const LaunchPlan plan{"/usr/bin/apptainer", {"exec", mounts.image_path}, {}};
              if (const auto done = mount_job(*directory, mounts, plan, *root); !done)
                return done.error().line();
              std::string wrong;
              if (!become_user()) return "cannot become the user";
              if (test::read_file("/run/sifguard/job/image/lolcow.sif/etc/7") != "file 7\n")
                wrong += "no image; ";
              if (!parse_plan(test::read_file(kPlanPath))) wrong += "no plan; ";
              if (fs::exists(kPemPath)) wrong += "a key; ";
              std::vector<std::string> names;
              for (const auto& name : fs::directory_iterator(kJobDirectory))
                names.push_back(name.path().filename());
              std::ranges::sort(names);
              if (names != std::vector<std::string>{"copy", "image", "plan"}) wrong += "names; ";
              if (::access("/run/sifguard/job/copy/image.sif", F_OK) == 0) wrong += "the copy; ";
              return wrong;
            }),
            "");
}

TEST_F(RootMountTest, ADevWithoutTheDevicesThatTheKernelMakesIsNoMatter) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              // With nothing but what cannot be made out of nothing.
              if (run_shell("mkdir /run/dev && cp -a /dev/fuse /dev/loop-control /dev/null "
                            "/dev/urandom /run/dev/ && mount --bind /run/dev /dev") != 0)
                return "cannot make a /dev";
              return looks_right("gocryptfs");
            }),
            "");
}

TEST_F(RootMountTest, TheServerEndsWithTheNamespace) {
  auto handle = make_pipe();  // its number
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("luks");
              if (!root || !root->place(kRoot)) return "cannot mount";
              const std::string number = std::to_string(pid_of(root->server()));
              return write_all(handle->write_end.get(), number, "x") ? "" : "cannot write";
            }),
            "");
  handle->write_end.reset();
  server_ = static_cast<pid_t>(std::stol(read_to_end(handle->read_end.get(), 100, "x").value()));
  EXPECT_GT(server_, 1);  // TearDown() waits for its end
}

std::string field_of(pid_t process, const std::string& name) {
  const std::string status = test::read_file("/proc/" + std::to_string(process) + "/status");
  const std::size_t at = status.find("\n" + name + ":\t");
  if (at == std::string::npos) return "none";
  const std::size_t start = at + name.size() + 3;
  return status.substr(start, status.find('\n', start) - start);
}

/// Not in every container.
bool may_spare() {
  constexpr unsigned long kSysResource = 1UL << 24U;
  return (std::stoul(field_of(::getpid(), "CapEff"), nullptr, 16) & kSysResource) != 0;
}

std::string space_of(const std::string& process, const char* name) {
  return fs::read_symlink("/proc/" + process + "/ns/" + name).string();
}

TEST_F(RootMountTest, TheServerHasWhatItNeedsAndNoMore) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("gocryptfs");
              if (!root) return root.error().line();
              const pid_t server = pid_of(root->server());
              const std::string number = std::to_string(server);
              std::string wrong;
              const auto expect = [&](const std::string& what, const std::string& is,
                                      const std::string& wanted) {
                if (is != wanted) wrong += what + " is " + is + "; ";
              };
              expect("Seccomp", field_of(server, "Seccomp"), "2");
              expect("NoNewPrivs", field_of(server, "NoNewPrivs"), "1");
              expect("CapEff", field_of(server, "CapEff"), "0000000000000000");
              expect("Groups", field_of(server, "Groups"), " ");
              if (!field_of(server, "Uid").starts_with("64990\t64990\t64990")) wrong += "uid; ";
              if (may_spare()) {
                expect("oom", test::read_file("/proc/" + number + "/oom_score_adj"), "-1000\n");
              }
              for (const char* name : {"mnt", "net", "ipc", "pid", "uts", "user"}) {
                if (space_of(number, name) == space_of("self", name))
                  wrong += std::string("our ") + name + "; ";
              }
              struct stat st {};
              if (::stat(("/proc/" + number + "/mem").c_str(), &st) != 0 || st.st_uid != 0)
                wrong += "dumpable; ";
              std::vector<std::string> open;
              for (const auto& fd : fs::directory_iterator("/proc/" + number + "/fd")) {
                open.push_back(fd.path().filename());
              }
              std::ranges::sort(open);
              if (open != std::vector<std::string>{"0", "1", "2", "3", "4"})
                wrong += "descriptors; ";
              return wrong;
            }),
            "");
}

}  // namespace
}  // namespace sifguard
