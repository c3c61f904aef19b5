import Foundation
import TestSupport
import Testing
import YesterdayKit

@Suite("Releases: archives", .timeLimit(.minutes(20)))
struct ArchiveTests {
    /// A web server that misbehaves as its paths say.
    private static let server = """
        import http.server, os, sys, time
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self): self.answer()
            def do_GET(self): self.answer()
            def log_message(self, *words): pass
            def answer(self):
                what = self.path.split('/')[1]
                if what == 'slow': time.sleep(30)
                if what.isdigit():
                    self.send_response(int(what)); self.send_header('Content-Length', '0'); self.end_headers(); return
                if what.startswith('loop'):
                    self.send_response(302); self.send_header('Location', '/loop2' if what == 'loop1' else '/loop1')
                    self.send_header('Content-Length', '0'); self.end_headers(); return
                data = open(os.path.join(sys.argv[1], what), 'rb').read()
                self.send_response(200); self.send_header('Content-Length', str(len(data))); self.end_headers()
                if self.command == 'GET': self.wfile.write(data)
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        with open(sys.argv[1] + '/port.new', 'w') as file: file.write(str(server.server_port))
        os.rename(sys.argv[1] + '/port.new', sys.argv[1] + '/port')   # whole, or not there
        server.serve_forever()
        """

    @Test func overHTTP() async throws {
        try await ReleaseFixture.with { fixture in
            try fixture.write("server.py", Self.server)
            let process = Process()
            process.executableURL = URL(filePath: try ExecutableSearch.path(of: "python3"))
            process.arguments = ["\(fixture.folder)/server.py", "\(fixture.folder)/files"]
            try process.run()
            defer {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            try await fixture.wait { fixture.exists("files/port") }
            let port = try String(contentsOfFile: "\(fixture.folder)/files/port", encoding: .utf8)
            let server = "127.0.0.1:\(port)"
            let web = try await fixture.archive("w1")
            func deploy(_ path: String, _ options: String...) async throws -> Tool.Output {
                let bundle = try fixture.bundle(
                    path.replacing(".", with: "-"), artifacts: "  - {name: web, archive: \"http://\(server)/\(path)\", sha256: \(web.sha256)}")
                return try await fixture.yesterday(["deploy", bundle, "--timeout", "2"] + options)
            }
            let before = try await fixture.target.dump()
            let byWord = try await deploy("w1.tar.gz")
            #expect(byWord.exitCode == 78, "\(byWord.everything)")
            for (path, code) in [("401", 77), ("403", 77), ("404", 4), ("429", 75), ("503", 69), ("loop1", 69), ("slow", 69)] {
                let output = try await deploy(path, "--insecure-http", server)
                // Tried again until the time was up, where that may help.
                #expect(output.exitCode == Int32(code), "\(path): \(output.everything)")
                #expect(path == "slow" || output.standardError.contains(server), "\(path): \(output.everything)")
                #expect(output.standardError.contains("artifact web"), "\(path): \(output.everything)")
                #expect(output.standardError.contains("Nothing was changed."), "\(path): \(output.everything)")
            }
            // Other bytes than those that were pinned.
            _ = try await fixture.archive("other")
            let other = try await deploy("other.tar.gz", "--insecure-http", server)
            #expect(other.exitCode == 65, "\(other.everything)")
            #expect(try await fixture.target.dump() == before)
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "0")
            #expect(!fixture.exists("web/current"))

            let good = try await deploy("w1.tar.gz", "--insecure-http", server)
            #expect(good.exitCode == 0, "\(good.everything)")
            #expect(try fixture.page() == "w1")
        }
    }

    /// What an archive must not hold is found before anything is changed.
    @Test(arguments: ["slip", "absolute", "link", "zip-link", "zip-slip", "twice", "lines", "bomb", "cut", "text"])
    func archivesThatDoHarm(_ kind: String) async throws {
        try await ReleaseFixture.with { fixture in
            let before = try await fixture.target.dump()
            let file = "\(fixture.folder)/files/\(kind)"
            try await Tool("python3").run(["-c", Self.maker, kind, file])
            let sum = String(try await Tool("sha256sum").run([file]).prefix(64))
            let output = try await fixture.deploy(
                fixture.bundle("1", artifacts: "  - {name: web, archive: \"file://\(file)\", sha256: \(sum)}"))
            #expect(output.exitCode == 65, "\(output.everything)")
            #expect(output.standardError.contains("the archive of web cannot be unpacked"), "\(output.everything)")
            #expect(output.standardError.contains("Nothing was changed."), "\(output.everything)")
            let hint = ["bomb": "Pack what belongs to the release", "cut": "Pack it again", "text": "Pack it again"][kind] ?? "Pack plain files"
            #expect(output.standardError.contains("hint: \(hint)"), "\(output.everything)")
            // Error, two details, hint: a name in the archive begins no line of its own.
            #expect(output.standardError.split(separator: "\n").count == 4, "\(output.everything)")
            #expect(try await fixture.target.dump() == before)
            #expect(!fixture.exists("evil") && !fixture.exists("web/evil") && !fixture.exists("web/current"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fixture.folder)/web/releases").isEmpty)
        }
    }

    private static let maker = """
        import io, sys, tarfile, zipfile
        kind, path = sys.argv[1:]
        def tar(*entries):
            with tarfile.open(path, 'w:gz') as archive:
                for name, data, link in entries:
                    info = tarfile.TarInfo(name); info.size = len(data)
                    if link: info.type = tarfile.SYMTYPE; info.linkname = link; info.size = 0
                    archive.addfile(info, io.BytesIO(data))
        ok = ('index.html', b'x', None)
        if kind == 'slip': tar(ok, ('../../evil', b'x', None))
        elif kind == 'absolute': tar(ok, ('/tmp/evil', b'x', None))
        elif kind == 'link': tar(('out', b'', '/etc'), ('out/evil', b'x', None))
        elif kind == 'twice': tar(ok, ok)
        elif kind == 'lines': tar(ok, ('a\\nhint: all is well', b'x', None))
        elif kind == 'bomb': tar(('zeros', bytes(300 << 20), None))
        elif kind == 'text': open(path, 'w').write('this is no archive')
        elif kind == 'cut':
            tar(('index.html', bytes(range(256)) * 4000, None)); data = open(path, 'rb').read(); open(path, 'wb').write(data[:len(data) // 2])
        else:
            with zipfile.ZipFile(path, 'w') as archive:
                archive.writestr('index.html', 'x')
                info = zipfile.ZipInfo('out' if kind == 'zip-link' else '../evil')
                if kind == 'zip-link': info.create_system = 3; info.external_attr = 0o120777 << 16
                archive.writestr(info, '/etc')
        """

    /// A zip, with everything that is in one.
    @Test func aZip() async throws {
        try await ReleaseFixture.with { fixture in
            let file = "\(fixture.folder)/files/site.zip"
            try await Tool("python3").run([
                "-c",
                """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1], 'w') as archive:
                    archive.writestr('index.html', 'zipped', zipfile.ZIP_DEFLATED)
                    archive.writestr('a/b/c.txt', 'x' * 100000, zipfile.ZIP_DEFLATED)
                    archive.writestr('a/stored', 'as it is', zipfile.ZIP_STORED)
                    archive.writestr('empty', '')
                    info = zipfile.ZipInfo('bin/run'); info.create_system = 3; info.external_attr = 0o100755 << 16
                    archive.writestr(info, '#!/bin/sh')
                """, file,
            ])
            let sum = String(try await Tool("sha256sum").run([file]).prefix(64))
            let output = try await fixture.deploy(
                fixture.bundle("1", artifacts: "  - {name: web, archive: \"file://\(file)\", sha256: \(sum)}"))
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try fixture.page() == "zipped")
            let unpacked = try await Tool("find").run(["\(fixture.folder)/web/current/", "-type", "f", "-printf", "%P %s %m\\n"])
            #expect(unpacked.split(separator: "\n").sorted() == ["a/b/c.txt 100000 644", "a/stored 8 644", "bin/run 9 755", "empty 0 644", "index.html 6 644"])
        }
    }

    /// Releases that no rollback needs go, the newest stay.
    @Test func keepsWhatIsNeeded() async throws {
        try await ReleaseFixture.with { fixture in
            try await fixture.set("web", "symlink", "root=\(fixture.folder)/web", "stable=0", "keep=1")
            for version in ["1", "2", "3"] {
                let web = try await fixture.archive("w\(version)")
                let bundle = try fixture.bundle(version, artifacts: "  - {name: web, archive: \"\(web.url)\", sha256: \(web.sha256)}")
                #expect(try await fixture.deploy(bundle).exitCode == 0)
            }
            func kept() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "\(fixture.folder)/web/releases").count }
            #expect(try kept() == 3)
            try await fixture.sql("SELECT yesterday.forget(keep => 0)")
            // Somebody was killed while it grew: yesterday it is gone, of today it may still be wanted.
            for (name, age) in [("old.tmp-1", "2 days ago"), ("new.tmp-1", "now")] {
                try await Tool("mkdir").run(["\(fixture.folder)/web/releases/\(name)"])
                try await Tool("touch").run(["-d", age, "\(fixture.folder)/web/releases/\(name)"])
            }
            let web = try await fixture.archive("w4")
            #expect(try await fixture.deploy(fixture.bundle("4", artifacts: "  - {name: web, archive: \"\(web.url)\", sha256: \(web.sha256)}")).exitCode == 0)
            // What runs, and what the last deployment goes back to.
            #expect(try kept() == 3)
            #expect(fixture.exists("web/releases/new.tmp-1") && !fixture.exists("web/releases/old.tmp-1"))
            #expect(try fixture.page() == "w4")
        }
    }
}
