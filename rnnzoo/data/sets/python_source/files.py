"""Which files of the standard library make up `python_source`, and how they are read.

Every file named here exists in Python 3.11, 3.12 and 3.13 and is plain ASCII there, so that the
alphabet is one: 95 printable characters and the newline. None comes from ``test/``. A file belongs
to one split as a whole, and near twins (posixpath and ntpath) to the same one: no line of what is
measured was trained on but for idioms and license headers.
"""

import hashlib
import sysconfig
from pathlib import Path

LICENSE = "PSF-2.0"
URL = "https://docs.python.org/3/library/"


def _names(block: str) -> tuple[str, ...]:
    return tuple(block.split())


FILES = {
    "train": _names(
        """
        __future__.py abc.py ast.py asyncio/base_subprocess.py asyncio/events.py asyncio/futures.py
        asyncio/locks.py asyncio/protocols.py asyncio/runners.py asyncio/sslproto.py
        asyncio/staggered.py asyncio/subprocess.py asyncio/taskgroups.py asyncio/tasks.py
        asyncio/timeouts.py asyncio/transports.py base64.py bz2.py cmd.py code.py codecs.py
        codeop.py collections/__init__.py compileall.py concurrent/futures/_base.py
        concurrent/futures/process.py concurrent/futures/thread.py contextlib.py copyreg.py
        dataclasses.py email/_encoded_words.py email/_parseaddr.py email/_policybase.py
        email/contentmanager.py email/headerregistry.py email/policy.py filecmp.py fileinput.py
        fnmatch.py genericpath.py getpass.py gzip.py hmac.py html/__init__.py http/__init__.py
        http/client.py http/cookies.py http/server.py json/__init__.py linecache.py
        logging/config.py logging/handlers.py lzma.py modulefinder.py multiprocessing/context.py
        multiprocessing/forkserver.py multiprocessing/managers.py multiprocessing/queues.py
        multiprocessing/reduction.py multiprocessing/shared_memory.py
        multiprocessing/sharedctypes.py multiprocessing/spawn.py multiprocessing/synchronize.py
        multiprocessing/util.py ntpath.py numbers.py operator.py os.py pickle.py plistlib.py
        posixpath.py pprint.py pstats.py py_compile.py pyclbr.py queue.py re/_compiler.py
        re/_constants.py re/_parser.py rlcompleter.py selectors.py shelve.py shutil.py socket.py
        socketserver.py stat.py tabnanny.py textwrap.py threading.py tomllib/_parser.py
        tracemalloc.py types.py unittest/async_case.py unittest/case.py unittest/loader.py
        unittest/main.py unittest/runner.py urllib/robotparser.py wave.py weakref.py
        wsgiref/handlers.py wsgiref/simple_server.py wsgiref/util.py wsgiref/validate.py
        xml/etree/ElementInclude.py xml/sax/expatreader.py xml/sax/handler.py xml/sax/saxutils.py
        xml/sax/xmlreader.py xmlrpc/client.py xmlrpc/server.py
        """
    ),
    "validation": _names(
        """
        configparser.py copy.py csv.py graphlib.py json/decoder.py mimetypes.py
        multiprocessing/process.py re/__init__.py string.py timeit.py unittest/result.py
        xml/etree/ElementPath.py
        """
    ),
    "test": _names(
        """
        asyncio/streams.py bdb.py calendar.py html/parser.py json/encoder.py
        multiprocessing/pool.py reprlib.py trace.py unittest/suite.py wsgiref/headers.py
        """
    ),
}


def read_files(split: str, folder: Path | None = None) -> dict[str, str]:
    """The source text of every file of `split` (a key of `FILES`), by name and in list order.

    Args:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        folder: where the standard library lies; that of the running Python if not given.

    Raises:
        FileNotFoundError: the library is not there as source, or not whole.
    """
    folder = Path(folder or sysconfig.get_path("stdlib"))
    missing = [name for name in FILES[split] if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"python_source reads the standard library's source, and {folder} lacks {len(missing)} "
            f"of the {len(FILES[split])} files of its {split} split, among them {missing[0]}. "
            "Use a complete CPython 3.11 to 3.13, or give a text file or folder of your own."
        )
    return {name: (folder / name).read_text(encoding="utf-8") for name in FILES[split]}


def digest(folder: Path | None = None) -> str:
    """SHA-256, in hexadecimal, over the names and texts of all files of all splits."""
    sha256 = hashlib.sha256()
    for split in FILES:
        for name, text in read_files(split, folder).items():
            sha256.update(f"{split}/{name}\0{text}\0".encode())
    return sha256.hexdigest()
