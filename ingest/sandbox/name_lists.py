"""Given and family names common in Germany, and the parts made-up towns, streets and firms are named from.

Lists only. Nobody real is meant: names are drawn from them by number.
"""

GIVEN = tuple(
    "Anna Lena Laura Julia Sarah Lisa Katharina Sophie Marie Hannah Emma Mia Lea Leonie Johanna Clara Charlotte Luisa Paula "
    "Greta Frieda Ida Amelie Nele Mila Ella Lina Theresa Franziska Antonia Carolin Christina Stefanie Nicole Sandra Claudia "
    "Petra Monika Sabine Susanne Andrea Birgit Martina Heike Karin Gabriele Ursula Renate Ingrid Helga Elke Brigitte Christa "
    "Erika Gisela Silke Anja Tanja Melanie Nadine Katrin Kerstin Simone Ulrike Angelika Barbara Eva Vanessa Jana Fatma Aylin "
    "Zeynep Elif Olga Natalia Agnieszka Elena Samira Layla Linh "
    "Ben Paul Leon Finn Elias Jonas Luis Noah Felix Lukas Maximilian Moritz Emil Anton Jakob Oskar Henri Karl Theo Matthis "
    "Tim Jan Niklas Philipp Florian Tobias Daniel Sebastian Alexander Christian Stefan Thomas Michael Andreas Peter Wolfgang "
    "Klaus Jürgen Günter Dieter Horst Manfred Uwe Bernd Frank Ralf Jörg Holger Torsten Matthias Markus Martin Oliver Marcel "
    "Patrick Dennis Kevin Sven Lars Nils Rainer Werner Helmut Heinz Hans Gerhard Joachim Mehmet Mustafa Emre Ali Yusuf Ivan "
    "Dmitri Piotr Omar Tuan Karim".split()
)
FAMILY = tuple(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf "
    "Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann "
    "Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn "
    "Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon "
    "Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas "
    "Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff "
    "Pfeiffer Ernst Hübner Kaufmann Lindner Jansen Barth Nowak Kramer Riedel Hauser Reuter Langer Hein Bock Ritter Kern "
    "Marx Frey Wendt Ebert Bachmann Beyer Thiel Jahn Walther Michel Fritz Scherer Mohr Hess Nagel Wirth Brand Schenk Rau "
    "Blum Bender Noack Ullrich Urban Hermann Götz Kunz Rose Vogler Paul Stahl Conrad Wenzel Lutz Oswald Bruns Hansen "
    "Petersen Christiansen Janssen Behrens Harms Thiele Unger Fiedler Yilmaz Kaya Demir Çelik Şahin Öztürk Aydin Arslan "
    "Kowalski Wójcik Kowalczyk Novak Horvat Petrov Ivanov Popescu Nguyen Tran Rossi Silva Haddad Hosseini Schreiner "
    "Brenner Eckert Steiner Gruber Moser Seitz Wimmer Heller".split()
)
TOWN_BEGINNINGS = tuple(
    "Ahorn Alten Auen Birken Blumen Buchen Ellern Erlen Eschen Falken Fuchs Garten Hasel Heide Hirsch Hohen Holder Kirsch "
    "Kranich Lerchen Mohn Mühlen Neuen Nieder Ober Reh Rosen Sand Storch Tannen Ulmen Wald Weiden Wiesen".split()
)
TOWN_ENDINGS = tuple(
    "au bach berg brück burg dorf feld felde furt hagen hain hausen heim hofen holz kirchen leben linden moor roda stadt "
    "stein tal wald werder".split()
)
STREET_BEGINNINGS = tuple(
    "Ahorn Akazien Amsel Bahnhof Birken Brunnen Buchen Drossel Eichen Erlen Eschen Feld Finken Flieder Garten Goethe Hasel "
    "Heide Hof Kastanien Kiefern Kirch Lerchen Linden Markt Meisen Mozart Mühlen Nelken Park Pappel Post Ring Rosen Sand "
    "Schiller Schloss Schul Sonnen Tal Tannen Tulpen Ulmen Ufer Veilchen Wald Weiden Wiesen Ziegel Zeder".split()
)
STREET_ENDINGS = ("straße", "weg", "allee", "gasse", "platz", "ring")
_PLAIN = "ä:ae ö:oe ü:ue ß:ss Ä:ae Ö:oe Ü:ue Ç:c ç:c Ş:s ó:o é:e"
WRITTEN_ALIKE = {pair[0]: pair[2:] for pair in _PLAIN.split()}
"""How letters beyond a-z are written in e-mail addresses."""
