import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A migration as a Java tool does it: two connections of a pool, each with a transaction of its
 * own, both in progress at once. The JDBC driver does not know PGOPTIONS.
 *
 * Arguments: URL, user, password, the name that is written.
 */
public final class Migration {
    public static void main(String[] arguments) throws SQLException {
        String url = arguments[0];
        String name = arguments[3];
        try (Connection first = DriverManager.getConnection(url, arguments[1], arguments[2]);
             Connection second = DriverManager.getConnection(url, arguments[1], arguments[2])) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            try (Statement one = first.createStatement(); Statement other = second.createStatement()) {
                one.executeUpdate("UPDATE screen SET title = '" + name + "' WHERE id <= 50");
                other.executeUpdate("UPDATE screen SET title = '" + name + "' WHERE id > 50");
                other.executeUpdate("INSERT INTO rule SELECT n, '" + name + "' FROM generate_series(11, 20) AS n");
                one.executeUpdate("DELETE FROM rule WHERE id <= 5");
                second.commit();
                first.commit();
            }
        }
    }
}
